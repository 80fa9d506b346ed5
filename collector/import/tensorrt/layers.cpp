#include "collector/import/tensorrt/layers.h"

#include "collector/words/privacy.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <utility>
#include <vector>

namespace ridgeline::collector::import {
namespace {

using Json = nlohmann::json;
using profile::Work;

struct Tensor {
  std::string type;
  std::vector<double> dims;
  double elements() const {
    double n = 1;
    for (const double d : dims) n *= d;
    return n;
  }
  std::string text() const {
    std::string out = type;
    for (size_t i = 0; i < dims.size(); ++i) out += fmt::format("{}{:.0f}", i == 0 ? " " : "x", dims[i]);
    return out;
  }
};

// "Channel major FP16 format where channel % 8 == 0" -> float16.
std::string typeIn(const std::string& format) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kTypes{{{"BF16", "bfloat16"},
                                                                                  {"FP16", "float16"},
                                                                                  {"FP32", "float32"},
                                                                                  {"FP8", "float8_e4m3"},
                                                                                  {"INT8", "int8"},
                                                                                  {"Int8", "int8"},
                                                                                  {"INT32", "int32"},
                                                                                  {"Int32", "int32"},
                                                                                  {"INT64", "int64"},
                                                                                  {"Int64", "int64"},
                                                                                  {"Half", "float16"},
                                                                                  {"Float", "float32"}}};
  for (const auto& [theirs, ours] : kTypes) {
    if (format.find(theirs) != std::string::npos) return std::string(ours);
  }
  return "";
}

double bytesOf(std::string_view type) {
  if (type == "int64") return 8;
  if (type == "float32" || type == "int32") return 4;
  if (type == "float16" || type == "bfloat16") return 2;
  return type == "int8" || type == "float8_e4m3" ? 1 : 0;
}

std::string textAt(const Json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

double numberAt(const Json& object, const char* key) {
  const auto it = object.find(key);
  return it != object.end() && it->is_number() ? it->get<double>() : 0;
}

std::vector<Tensor> tensorsAt(const Json& layer, const char* key) {
  std::vector<Tensor> out;
  const auto it = layer.find(key);
  if (it == layer.end() || !it->is_array()) return out;
  for (const auto& entry : *it) {
    if (!entry.is_object()) continue;
    Tensor tensor{typeIn(textAt(entry, "Format/Datatype")), {}};
    const auto dims = entry.find("Dimensions");
    if (dims != entry.end() && dims->is_array()) {
      for (const auto& d : *dims) tensor.dims.push_back(d.is_number() ? d.get<double>() : 0);
    }
    out.push_back(std::move(tensor));
  }
  return out;
}

std::string textOf(const std::vector<Tensor>& tensors) {
  std::string out;
  for (const auto& t : tensors) out += (out.empty() ? "" : ", ") + t.text();
  return out;
}

// A convolution: every output element is a product over the window and the input channels of its group.
std::optional<double> convolutionFlops(const Json& layer, const std::vector<Tensor>& in,
                                       const std::vector<Tensor>& out) {
  const auto kernel = layer.find("Kernel");
  if (in.empty() || out.empty() || in[0].dims.size() < 3 || kernel == layer.end() || !kernel->is_array()) return {};
  double window = 1;
  for (const auto& k : *kernel) window *= k.is_number() ? k.get<double>() : 0;
  const double groups = std::max(1.0, numberAt(layer, "Groups"));
  return 2 * out[0].elements() * window * in[0].dims[1] / groups;
}

std::optional<Work> workOf(const Json& layer, const std::vector<Tensor>& in, const std::vector<Tensor>& out) {
  Work work;
  for (const auto& t : in) {
    if (bytesOf(t.type) == 0) return std::nullopt;
    work.bytesRead += t.elements() * bytesOf(t.type);
  }
  for (const auto& t : out) {
    if (bytesOf(t.type) == 0) return std::nullopt;
    work.bytesWritten += t.elements() * bytesOf(t.type);
  }
  for (const char* key : {"Weights", "Bias"}) {
    const auto it = layer.find(key);
    if (it == layer.end() || !it->is_object()) continue;
    work.constantBytes += numberAt(*it, "Count") * bytesOf(typeIn(textAt(*it, "Type")));
  }
  work.bytesRead += work.constantBytes;
  if (in.empty() || out.empty()) return std::nullopt;
  work.computeType = in[0].type;
  const auto kind = textAt(layer, "ParameterType");
  if (kind == "Reformat" || kind == "Shuffle") return work;
  if (kind != "Convolution" && kind != "Deconvolution") return std::nullopt;
  const auto flops = kind == "Convolution" ? convolutionFlops(layer, in, out) : std::nullopt;
  if (!flops) return std::nullopt;
  (work.computeType == "int8" ? work.intOps : work.flops) = *flops;
  return work;
}

}  // namespace

std::optional<profile::Operator> layerOf(const Json& layer) {
  if (!layer.is_object() || textAt(layer, "Name").empty()) return std::nullopt;
  profile::Operator op;
  op.name = cleaned(textAt(layer, "Name"));
  op.opType = cleaned(textAt(layer, "LayerType"));
  op.provider = "TensorRT";
  const auto in = tensorsAt(layer, "Inputs"), out = tensorsAt(layer, "Outputs");
  op.inputShapes = textOf(in), op.outputShapes = textOf(out);
  op.provenanceTime = profile::Provenance::Imported;
  op.work = workOf(layer, in, out);
  if (op.work) {
    op.provenanceWork = profile::Provenance::Modelled;
    op.workingSetBytes = op.work->bytes();
  }
  return op;
}

}  // namespace ridgeline::collector::import
