# Files that are built in: npyrace_embed(TARGET SOURCE HEADER NAME=FILE…) writes one source file with a
# std::string_view, declared in HEADER, for each file. Run as a script (cmake -P) it does the writing, at build time.
if(CMAKE_SCRIPT_MODE_FILE)
  set(text "#include \"${HEADER}\"\n\nnamespace npyrace {\n\n")
  string(REPLACE "|" ";" assets "${ASSETS}")
  foreach(asset IN LISTS assets)
    string(REPLACE "=" ";" parts "${asset}")
    list(GET parts 0 name)
    list(GET parts 1 file)
    if(file STREQUAL "none")
      string(APPEND text "const std::string_view ${name}{};\n")
      continue()
    endif()
    file(READ "${file}" content HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," content "${content}")
    string(APPEND text "static const unsigned char bytes_${name}[] = {${content}};\n"
                       "const std::string_view ${name}{reinterpret_cast<const char*>(bytes_${name}), sizeof bytes_${name}};\n")
  endforeach()
  file(WRITE "${OUTPUT}" "${text}\n}  // namespace npyrace\n")
  return()
endif()

set(NPYRACE_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

# ASSETS: NAME=FILE …; "none" for FILE makes an empty text.
function(npyrace_embed target output header)
  set(files)
  foreach(asset IN LISTS ARGN)
    string(REGEX REPLACE "^[^=]*=" "" file "${asset}")
    if(NOT file STREQUAL "none")
      list(APPEND files ${file})
    endif()
  endforeach()
  string(REPLACE ";" "|" assets "${ARGN}")
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} "-DASSETS=${assets}" -DHEADER=${header} -DOUTPUT=${output} -P ${NPYRACE_EMBED_SCRIPT}
    DEPENDS ${files} ${NPYRACE_EMBED_SCRIPT} VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
