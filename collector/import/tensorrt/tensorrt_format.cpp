#include "collector/import/tensorrt/tensorrt_format.h"

#include "collector/import/gpu_roofs.h"
#include "collector/import/tensorrt/layers.h"
#include "collector/words/privacy.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_map>

namespace ridgeline::collector::import {
namespace {

using namespace profile;
using Json = nlohmann::json;

constexpr size_t kLargest = 256 << 20;
constexpr int kDeepest = 64;
constexpr double kLongestMs = 1e12;  // of all layers together; fits in nanoseconds

Result<std::string> readAll(Input& input, Job job) {
  std::string text;
  std::string chunk(1 << 20, '\0');
  for (;;) {
    if (auto s = job.stop.check(); !s) return passOn(s);
    auto count = input.bytes->read(chunk.data(), chunk.size());
    if (!count) return passOn(count);
    if (*count == 0) return text;
    text.append(chunk, 0, *count);
    if (text.size() > kLargest) return badInput(fmt::format("{} is larger than any engine's layers", input.name()));
  }
}

// The library's parser calls itself for every level.
bool nestsTooDeep(std::string_view text) {
  int depth = 0;
  bool inString = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (inString) {
      if (c == '\\') ++i;
      if (c == '"') inString = false;
    } else if (c == '"') {
      inString = true;
    } else if (c == '{' || c == '[') {
      if (++depth > kDeepest) return true;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return false;
}

double numberAt(const Json& object, std::string_view key) {
  const auto it = object.find(key);
  if (it == object.end() || !it->is_number()) return -1;
  const double value = it->get<double>();
  return std::isfinite(value) && value < 1e15 ? value : -1;
}

std::string textAt(const Json& object, std::string_view key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

// [{"count": 10}, {"name": ..., "timeMs": sum over them, "averageMs": ...}, ...]
Status readProfile(const Json& json, Recording& r, Names& names, const std::string& file) {
  r.devices.push_back({.name = "GPU", .vendor = "NVIDIA", .used = true});
  r.tracks.push_back({"layers in order", TrackKind::Stream, 0, 0});
  int64_t at = 0;
  for (const auto& entry : json) {
    if (!entry.is_object()) return badInput(fmt::format("{}: an entry is no object", file));
    const auto name = textAt(entry, "name");
    if (name.empty()) {
      r.count("entry without a name", false, "no layer");
      continue;
    }
    double ms = numberAt(entry, "averageMs");
    if (ms < 0) ms = numberAt(entry, "timeMs");
    if (ms < 0) return badInput(fmt::format("{}: layer {} has no time", file, cleaned(name.substr(0, 80))));
    if (ms > kLongestMs - static_cast<double>(at) * 1e-6)
      return badInput(fmt::format("{}: layer {} takes too long to make sense", file, cleaned(name.substr(0, 80))));
    RecordedOperator op;
    op.row.name = cleaned(name), op.row.provider = "TensorRT", op.row.opType = "layer";
    op.row.provenanceTime = Provenance::Imported;
    op.row.timeNs = ms * 1e6;
    const auto ns = static_cast<int64_t>(std::llround(ms * 1e6));
    r.events.push_back(
        {at, ns, names.labels.intern(op.row.name), 0, static_cast<uint32_t>(r.ops.size()), SliceKind::Operator});
    r.ops.push_back({kNoNumber, kNone, static_cast<uint32_t>(r.operators.size())});
    r.operators.push_back(std::move(op));
    r.count("layer", true);
    at += ns;
  }
  if (r.operators.empty()) return badInput(fmt::format("{} holds no layer", file));
  r.timed = false;
  return {};
}

Status readGraph(const Json& json, Recording& r, const std::string& file) {
  const auto layers = json.find("Layers");
  if (layers == json.end() || !layers->is_array()) return badInput(fmt::format("{} has no \"Layers\"", file));
  for (const auto& layer : *layers) {
    if (auto op = layerOf(layer)) {
      r.operators.push_back({std::move(*op), {}});
      r.count("layer of the graph", true);
    } else {
      r.count("layer of the graph", false,
              layer.is_string() ? "its name only: build with detailed verbosity" : "no layer");
    }
  }
  r.timed = false;
  return {};
}

void readMetadata(const Json& json, Recording& r) {
  const Json& root = json.is_array() && !json.empty() ? json.front() : json;
  const auto info = root.is_object() ? root.find("device_information") : root.end();
  if (!root.is_object() || info == root.end() || !info->is_object()) {
    r.count("metadata", false, "says nothing of the device that ran it");
    return;
  }
  GpuFacts facts;
  const double capability = std::min(99.0, numberAt(*info, "Compute Capability"));
  facts.major = static_cast<int>(std::max(0.0, capability));
  facts.minor = static_cast<int>(std::lround(std::max(0.0, capability) * 10)) % 10;
  facts.multiprocessors = std::max(0.0, numberAt(*info, "SMs"));
  facts.clockHz = std::max(0.0, numberAt(*info, "Compute Clock Rate")) * 1e9;
  // Bits a transfer, two transfers a clock.
  facts.memoryBytesPerS = std::max(0.0, numberAt(*info, "Memory Bus Width")) / 8 * 2 *
                          std::max(0.0, numberAt(*info, "Memory Clock Rate")) * 1e9;
  RecordedDevice device{
      .name = cleaned(textAt(*info, "Selected Device").substr(0, 200)), .vendor = "NVIDIA", .used = true};
  if (device.name.empty()) device.name = "GPU";
  device.properties = propertiesOf(facts), device.roofs = roofsOf(facts);
  r.devices.push_back(std::move(device));
  r.count("metadata of the device", true);
}

// "resnet.onnx.engine" of "resnet.onnx.engine.profile.json".
std::string engineOf(const std::string& source) {
  for (const std::string_view end :
       {".profile.metadata.json", ".build.metadata.json", ".metadata.json", ".profile.json", ".graph.json", ".json"}) {
    const auto plain = source.ends_with(".gz") ? source.substr(0, source.size() - 3) : source;
    if (plain.ends_with(end)) return plain.substr(0, plain.size() - end.size());
  }
  return source;
}

void addGraph(Recording& profile, const Recording& graph) {
  std::unordered_map<std::string, const RecordedOperator*> layers;
  for (const auto& op : graph.operators) layers.emplace(op.row.name, &op);
  int64_t unknown = 0;
  for (auto& op : profile.operators) {
    const auto it = layers.find(op.row.name);
    if (it == layers.end()) {
      ++unknown;
      continue;
    }
    const double timeNs = op.row.timeNs;
    op.row = it->second->row;
    op.row.timeNs = timeNs;
  }
  if (unknown > 0) {
    profile.notes.push_back(fmt::format("{} layers of {} are not in {}", unknown, profile.source, graph.source));
  }
}

}  // namespace

bool recognizesTensorRt(std::string_view head) {
  const auto has = [&](std::string_view word) { return head.find(word) != std::string_view::npos; };
  const auto first = head.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || has("\"traceEvents\"") || has("\"ph\"")) return false;
  if (head[first] == '[') return has("\"averageMs\"") || has("\"timeMs\"") || has("\"ComputeCapability\"");
  return head[first] == '{' && (has("\"Layers\"") || has("\"performance_summary\"") || has("\"model_options\"") ||
                                has("\"device_information\""));
}

Result<std::vector<Recording>> readTensorRt(Input& input, Names& names, Job job) {
  auto text = readAll(input, job);
  if (!text) return passOn(text);
  if (nestsTooDeep(*text)) return badInput(fmt::format("{} nests deeper than {}", input.name(), kDeepest));
  const auto json = Json::parse(*text, nullptr, false);
  if (json.is_discarded()) return badInput(fmt::format("{} is no valid JSON, or is cut short", input.name()));
  std::vector<Recording> out(1);
  auto& r = out[0];
  r.format = "tensorrt", r.engine = "TensorRT";
  const bool profile = json.is_array() && std::any_of(json.begin(), json.end(), [](const Json& e) {
                         return e.is_object() && (e.contains("averageMs") || e.contains("timeMs"));
                       });
  if (profile) {
    if (auto s = readProfile(json, r, names, input.name()); !s) return passOn(s);
  } else if (json.is_object() && json.contains("Layers")) {
    if (auto s = readGraph(json, r, input.name()); !s) return passOn(s);
  } else {
    readMetadata(json, r);
  }
  return out;
}

void joinTensorRt(std::vector<Recording>& recordings) {
  std::vector<Recording> out;
  for (auto& r : recordings) {
    const bool hasTimes = !r.events.empty();
    if (r.format != "tensorrt" || hasTimes) {
      out.push_back(std::move(r));
      r.format.clear();
    }
  }
  for (auto& r : recordings) {
    if (r.format.empty()) continue;  // moved
    const auto engine = engineOf(r.source);
    const auto it = std::find_if(out.begin(), out.end(), [&](const Recording& p) {
      return p.format == "tensorrt" && !p.events.empty() && engineOf(p.source) == engine;
    });
    if (it == out.end()) {
      out.push_back(std::move(r));
      continue;
    }
    if (!r.operators.empty()) addGraph(*it, r);
    if (!r.devices.empty()) it->devices.front() = r.devices.front();
    for (auto& [key, count] : r.intake) it->intake[key] += count;
    it->notes.insert(it->notes.end(), r.notes.begin(), r.notes.end());
  }
  recordings = std::move(out);
}

}  // namespace ridgeline::collector::import
