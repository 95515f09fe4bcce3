# Puts page.css and the scripts into page.html, and the page into a source file.
set(html_dir "${CMAKE_CURRENT_LIST_DIR}")
set(scripts data.js timeline.js panels.js selftest.js)

file(READ "${html_dir}/page.css" STYLE)
set(SCRIPT "")
foreach(script IN LISTS scripts)
  file(READ "${html_dir}/${script}" text)
  string(APPEND SCRIPT "${text}")
endforeach()

# The data goes between the two halves when a page is written.
set(DATA "TRACE-DATA")
configure_file("${html_dir}/page.html" "${CMAKE_CURRENT_BINARY_DIR}/page.html" @ONLY)
file(READ "${CMAKE_CURRENT_BINARY_DIR}/page.html" page)
string(FIND "${page}" "TRACE-DATA" data_at)
string(SUBSTRING "${page}" 0 ${data_at} page_before)
string(LENGTH "TRACE-DATA" data_length)
math(EXPR data_end "${data_at} + ${data_length}")
string(SUBSTRING "${page}" ${data_end} -1 page_after)
set(page_source "${CMAKE_CURRENT_BINARY_DIR}/page_parts.cpp")
configure_file("${html_dir}/page_parts.cpp.in" "${page_source}" @ONLY)

list(TRANSFORM scripts PREPEND "${html_dir}/" OUTPUT_VARIABLE page_inputs)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${page_inputs} "${html_dir}/page.html" "${html_dir}/page.css")
