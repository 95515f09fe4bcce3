// Everything that reads a trace, fed with damaged ones: README.md.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "tools/tgtrace/analysis/findings.h"
#include "tools/tgtrace/html/page_data.h"
#include "tools/tgtrace/reader.h"
#include "tools/tgtrace/report.h"
#include "tools/tgtrace/timeline.h"
#include "tools/tgtrace/top_view.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::uint64_t> aligned(size / sizeof(std::uint64_t) + 1);
  if (size != 0) std::memcpy(aligned.data(), data, size);
  try {
    const auto m = tgtrace::build_model(tgtrace::read_trace(std::as_bytes(std::span(aligned)).first(size)));
    const auto found = tgtrace::find_out(m, 10, {});
    static_cast<void>(tgtrace::report_text(m, found, {}));
    static_cast<void>(tgtrace::report_json(m, found));
    static_cast<void>(tgtrace::timeline_of(m));
    static_cast<void>(tgtrace::page_data(m, found, 1000));
    static_cast<void>(tgtrace::top_text(m, 10));
  } catch (const tgtrace::trace_error&) {
  }
  return 0;
}
