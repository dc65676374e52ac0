// `--help`, from the tables of verbs and flags.
#pragma once

#include <kvco/cli/verb.hpp>
#include <string>
#include <string_view>

namespace kvco::cli {

/// Of the command. `width`: the columns of the terminal, 0: it is not one.
std::string help(std::size_t width);
/// Of a verb.
std::string help(const verb& which, std::size_t width);

/// "kvco get [flags] BUCKET KEY...".
std::string synopsis(const verb& which);
/// "-f, --force", "--revision N".
std::string spelled(const flag& which);
std::string_view heading_of(family which);
/// "ls, add, ...".
std::string names_of_verbs();
/// Lines of at most `width` columns, each indented; a word that is longer has a line of its own.
std::string wrapped(std::string_view text, std::size_t indentation, std::size_t width);

}  // namespace kvco::cli
