// The page around its data: page.html with page.css and the scripts put in, by CMake.
#pragma once

#include <string_view>

namespace tgtrace {

extern const std::string_view page_before_data;
extern const std::string_view page_after_data;

}  // namespace tgtrace
