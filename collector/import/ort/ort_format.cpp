#include "collector/import/ort/ort_format.h"

#include "base/stats.h"
#include "collector/import/chrome/trace_reader.h"
#include "collector/import/runs.h"
#include "collector/words/privacy.h"
#include "collector/words/shapes.h"

#include <algorithm>

namespace ridgeline::collector::import {
namespace {

using profile::SliceKind;
using profile::TrackKind;

constexpr std::string_view kNodeSuffix = "_kernel_time";

// [{"float":[1,3,224,224]},{"int64":[2]}] -> "float32 1x3x224x224, int64 2".
std::string typedShapes(std::string_view json) {
  std::string out;
  for (size_t i = 0; i < json.size() && out.size() < 2000; ++i) {
    if (json[i] != '"') continue;
    const size_t end = json.find('"', i + 1);
    if (end == std::string_view::npos) break;
    const auto type = json.substr(i + 1, end - i - 1);
    const size_t open = json.find('[', end), close = json.find(']', end);
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) break;
    std::string dims;
    for (const char c : json.substr(open + 1, close - open - 1)) {
      if (c == ',') dims += 'x';
      if ((c >= '0' && c <= '9') || c == '-') dims += c;
    }
    if (!out.empty()) out += ", ";
    out += dataTypeName(type) + (dims.empty() ? "" : " " + dims);
    i = close;
  }
  return out;
}

class OrtReader final : public TraceReader {
 public:
  using TraceReader::TraceReader;
  void groupNodes();

 protected:
  SliceKind kindOf(std::string_view category) const override;
  void complete(const TraceEvent& event, Event& row) override;

 private:
  struct Node {
    profile::Operator op;
    std::vector<uint32_t> ops;                       // calls
    std::vector<std::pair<int64_t, int64_t>> times;  // start, duration
  };
  void node(const TraceEvent& event, Event& row);

  std::vector<Node> m_nodes;
  StringTable m_nodeKeys;
  std::string m_text;
};

SliceKind OrtReader::kindOf(std::string_view category) const {
  if (category == "Node") return SliceKind::Operator;
  if (category == "Kernel") return SliceKind::Kernel;
  if (category == "Api") return SliceKind::Call;
  return SliceKind::Range;
}

void OrtReader::node(const TraceEvent& event, Event& row) {
  auto name = event.name;
  if (!name.ends_with(kNodeSuffix)) {  // fences, before and after
    row.kind = SliceKind::Other;
    return;
  }
  name.remove_suffix(kNodeSuffix.size());
  row.label = labelOf(name);
  row.extra = static_cast<uint32_t>(m_recording.ops.size());
  m_text.assign(name).append("\n").append(event.args.opName);
  const uint32_t number = m_nodeKeys.intern(m_text);
  if (number == m_nodes.size()) {
    auto& op = m_nodes.emplace_back().op;
    op.name = m_names.labels.text(row.label);
    op.opType = cleaned(event.args.opName.substr(0, 200));
    op.provider = cleaned(event.args.provider.substr(0, 200));
    op.inputShapes = typedShapes(event.args.inputTypeShape);
    op.outputShapes = typedShapes(event.args.outputTypeShape);
    op.provenanceTime = profile::Provenance::Imported;
  }
  m_recording.ops.push_back({kNoNumber, kNone, number});
  m_nodes[number].times.emplace_back(row.startNs, row.durationNs);
}

void OrtReader::complete(const TraceEvent& event, Event& row) {
  row.track = trackOf(event);
  if (row.kind == SliceKind::Operator) node(event, row);
  if (row.kind == SliceKind::Range && event.name == "model_run") {
    m_recording.runs.push_back({"model_run", row.startNs, row.durationNs});
  }
  if (row.kind == SliceKind::Call) {
    row.extra = static_cast<uint32_t>(m_recording.calls.size());
    m_recording.calls.push_back({event.args.correlation});
  }
  if (row.kind != SliceKind::Kernel) return;
  const int device = deviceOf(0);
  m_recording.devices[static_cast<size_t>(device)].used = true;
  const int64_t stream = event.args.stream == kNoNumber ? 0 : event.args.stream;
  row.track = track(fmt::format("g{}", stream), TrackKind::Stream, device, fmt::format("stream {}", stream), stream);
  row.extra = static_cast<uint32_t>(m_recording.works.size());
  Work work;
  const auto& a = event.args;
  work.correlation = a.correlation;
  profile::LaunchShape shape;
  const auto number = [](int64_t n) { return n == kNoNumber ? std::nullopt : std::optional(n); };
  shape.gridX = number(a.grid[0]), shape.gridY = number(a.grid[1]), shape.gridZ = number(a.grid[2]);
  shape.blockX = number(a.block[0]), shape.blockY = number(a.block[1]), shape.blockZ = number(a.block[2]);
  if (shape.gridX || shape.blockX) {
    work.shape = static_cast<uint32_t>(m_recording.shapes.size());
    m_recording.shapes.push_back(shape);
  }
  m_recording.works.push_back(work);
}

// Nodes with their time per run. A node within the time of another on its thread is inside that one's body.
void OrtReader::groupNodes() {
  auto& runs = m_recording.runs;
  std::sort(runs.begin(), runs.end(), [](const auto& a, const auto& b) { return a.startNs < b.startNs; });
  for (size_t i = 0; i < runs.size(); ++i) {
    runs[i].name = fmt::format("run {}", i + 1);
    if (i + 1 < runs.size()) runs[i].durationNs = std::min(runs[i].durationNs, runs[i + 1].startNs - runs[i].startNs);
  }
  for (auto& node : m_nodes) {
    std::vector<double> perRun(runs.size(), 0);
    double total = 0, inRuns = 0;
    for (const auto& [start, duration] : node.times) {
      total += static_cast<double>(duration);
      const uint32_t run = runAt(m_recording, start);
      if (run == kNone) continue;
      perRun[run] += static_cast<double>(duration);
      ++inRuns;
    }
    if (runs.empty()) {
      node.op.timeNs = total;
      node.op.callsPerRun = static_cast<double>(node.times.size());
    } else {
      node.op.timeNs = median(perRun);
      node.op.timeMadNs = robustSigma(perRun);
      node.op.callsPerRun = inRuns / static_cast<double>(runs.size());
    }
    m_recording.operators.push_back({node.op, {}});
  }
}

}  // namespace

bool recognizesOrt(std::string_view head) {
  const auto has = [&](std::string_view word) { return head.find(word) != std::string_view::npos; };
  const auto first = head.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || head[first] != '[' || !has("\"ph\"")) return false;
  return has("model_loading") || has("session_initialization") || has("_kernel_time") || has("\"op_name\"");
}

Result<std::vector<Recording>> readOrt(Input& input, Names& names, Job job) {
  std::vector<Recording> out(1);
  out[0].format = "onnxruntime";
  out[0].engine = "ONNX Runtime";
  OrtReader reader(out[0], names, input.name());
  if (auto s = JsonStream(*input.bytes, input.name(), reader, job).run(false); !s) return passOn(s);
  reader.finish();
  reader.groupNodes();
  return out;
}

}  // namespace ridgeline::collector::import
