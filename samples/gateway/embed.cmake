# Writes the files of the page as string literals of one source.
#   cmake -DFOLDER=page -DOUTPUT=page_files.cpp -P embed.cmake
set(type.html "text/html; charset=utf-8")
set(type.js "text/javascript; charset=utf-8")
set(type.css "text/css; charset=utf-8")
set(type.svg "image/svg+xml")
file(GLOB names RELATIVE "${FOLDER}" "${FOLDER}/*")
list(SORT names)
set(rows "")
foreach(name IN LISTS names)
  file(READ "${FOLDER}/${name}" text)
  get_filename_component(extension "${name}" LAST_EXT)
  if(NOT type${extension})
    message(FATAL_ERROR "page/${name}: no content type is known for it")
  endif()
  string(APPEND rows "    {\"${name}\", \"${type${extension}}\", R\"page(${text})page\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"page.hpp\"\n\nnamespace gateway {\n\nstd::span<const page_file> page_files() noexcept {
  static constexpr page_file files[] = {\n${rows}  };\n  return files;\n}\n\n}  // namespace gateway\n")
