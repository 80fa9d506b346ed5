#include "collector/import/chrome/chrome_format.h"

#include "collector/import/chrome/trace_reader.h"

namespace ridgeline::collector::import {
namespace {

class ChromeReader final : public TraceReader {
 public:
  using TraceReader::TraceReader;

 protected:
  profile::SliceKind kindOf(std::string_view) const override { return profile::SliceKind::Range; }
};

}  // namespace

// {"traceEvents": ...} or an array of events.
bool recognizesChrome(std::string_view head) {
  const auto first = head.find_first_not_of(" \t\r\n\xef\xbb\xbf");
  if (first == std::string_view::npos) return false;
  if (head[first] == '{') return head.find("\"traceEvents\"") != std::string_view::npos;
  return head[first] == '[' && head.find("\"ph\"") != std::string_view::npos;
}

Result<std::vector<Recording>> readChrome(Input& input, Names& names, Job job) {
  std::vector<Recording> out(1);
  out[0].format = "chrome";
  ChromeReader reader(out[0], names, input.name());
  if (auto s = JsonStream(*input.bytes, input.name(), reader, job).run(true); !s) return passOn(s);
  reader.finish();
  return out;
}

}  // namespace ridgeline::collector::import
