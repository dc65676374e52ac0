// completion: the scripts of shells, which ask `kvco __complete` for the words.
#include <kvco/cli/command.hpp>
#include <kvco/cli/verbs.hpp>

#include <string>

namespace kvco::cli {
namespace {

constexpr argument arguments[] = {{.name = "SHELL", .as = completes::shell}};
constexpr std::string_view examples[] = {"source <(kvco completion bash)",
                                         "kvco completion zsh > ~/.zfunc/_kvco",
                                         "kvco completion fish > ~/.config/fish/completions/kvco.fish"};

// A colon is part of a word for kvco, and ends one for bash.
constexpr std::string_view bash = R"sh(# bash completion for kvco: source <(kvco completion bash)
_kvco() {
  local line words word
  words=("${COMP_WORDS[@]:1:COMP_CWORD}")
  COMPREPLY=()
  while IFS= read -r line; do
    if [ "$line" = ":file" ]; then
      compopt -o filenames 2>/dev/null
      while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
    else
      COMPREPLY+=("$(printf '%q' "$line")")
    fi
  done < <("${COMP_WORDS[0]}" __complete -- "${words[@]}" 2>/dev/null)
}
complete -F _kvco kvco
)sh";

constexpr std::string_view zsh = R"sh(#compdef kvco
# zsh completion for kvco: kvco completion zsh > ~/.zfunc/_kvco
_kvco() {
  local -a found
  found=("${(@f)$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if (( ${found[(I):file]} )); then _files; fi
  found=("${(@)found:#:file}")
  compadd -- "${(@)found:#}"
}
if [ "$funcstack[1]" = "_kvco" ]; then _kvco "$@"; else compdef _kvco kvco; fi
)sh";

constexpr std::string_view fish =
    R"sh(# fish completion for kvco: kvco completion fish > ~/.config/fish/completions/kvco.fish
function __kvco_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l program $words[1]
  for line in ($program __complete -- $words[2..-1] 2>/dev/null)
    if test "$line" = ":file"
      __fish_complete_path (commandline -ct)
    else
      echo $line
    end
  end
end
complete -c kvco -f -a '(__kvco_complete)'
)sh";

work run_completion(command_ptr call) {
  const std::string shell = call->args.text("SHELL");
  if (shell == "bash") {
    call->out.write(bash);
  } else if (shell == "zsh") {
    call->out.write(zsh);
  } else if (shell == "fish") {
    call->out.write(fish);
  } else {
    throw usage_error("completion: bash, zsh or fish, not \"" + shell + "\"");
  }
  co_return exit_code::ok;
}

}  // namespace

const verb completion_verb = {
    .name = "completion",
    .in = family::tools,
    .summary = "Print the completion script of a shell, which completes buckets and keys as well",
    .arguments = arguments,
    .examples = examples,
    .run = run_completion,
};

}  // namespace kvco::cli
