#include "advisor/rules/pin_shapes.h"

#include "advisor/rules/constant_region.h"

#include <algorithm>

namespace ridgeline::advisor {
namespace {

using graph::Graph;
using graph::Node;

using Sizes = std::map<std::string, int64_t>;  // by the name of an open dimension

onnx::TensorShapeProto* shapeOf(onnx::ValueInfoProto& port) {
  if (!port.type().has_tensor_type() || !port.type().tensor_type().has_shape()) return nullptr;
  return port.mutable_type()->mutable_tensor_type()->mutable_shape();
}

// Open inputs with the dims they are run with: "input_ids 1x128". Inputs of unknown rank stay as they are.
std::vector<std::string> openInputs(const Graph& graph, const Subject& subject) {
  std::vector<std::string> open;
  for (const auto& input : graph.model().graphProto().input()) {
    if (!graph.isGraphInput(input.name()) || !input.type().tensor_type().has_shape()) continue;
    const auto& dims = input.type().tensor_type().shape().dim();
    const auto* facts = subject.shape(input.name());
    if (!facts || static_cast<int>(facts->dims.size()) != dims.size()) continue;
    if (std::ranges::all_of(dims, [](const auto& d) { return d.has_dim_value(); })) continue;
    open.push_back(input.name() + " " + graph::formatDims(facts->dims));
  }
  return open;
}

// Writes the inputs' dims; returns what the names of open dims stand for now.
Sizes pinInputs(Graph& graph, const Subject& subject) {
  Sizes sizes;
  for (auto& input : *graph.model().graphProto().mutable_input()) {
    auto* shape = shapeOf(input);
    const auto* facts = subject.shape(input.name());
    if (!shape || !facts || static_cast<int>(facts->dims.size()) != shape->dim_size()) continue;
    for (int i = 0; i < shape->dim_size(); ++i) {
      auto& dim = *shape->mutable_dim(i);
      const int64_t size = facts->dims[static_cast<size_t>(i)];
      if (!dim.dim_param().empty()) sizes.emplace(dim.dim_param(), size);
      dim.set_dim_value(size);
    }
  }
  return sizes;
}

void pinNames(google::protobuf::RepeatedPtrField<onnx::ValueInfoProto>& ports, const Sizes& sizes) {
  for (auto& port : ports) {
    auto* shape = shapeOf(port);
    for (int i = 0; shape && i < shape->dim_size(); ++i) {
      const auto known = sizes.find(shape->dim(i).dim_param());
      if (shape->dim(i).has_dim_param() && known != sizes.end()) shape->mutable_dim(i)->set_dim_value(known->second);
    }
  }
}

class PinShapesRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{
        "pin-shapes",
        RuleKind::Folding,
        false,
        "make the model one for these input shapes only, and compute ahead what follows from them",
        {}};
    return info;
  }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject, std::vector<NearMiss>*) const override {
    std::vector<Opportunity> found;
    if (!subject.pinnedShapes) return found;
    const auto open = openInputs(graph, subject);
    if (open.empty()) return found;
    const ConstantRegion region(graph, subject, true);
    Opportunity o;
    o.rule = info().name;
    o.target = fmt::format("{}", fmt::join(open, ", "));
    o.places = open;
    if (!region.nodes().empty()) {
      o.evidence.push_back(fmt::format("{} nodes then give the same values in every run", region.nodes().size()));
    }
    o.predictedGainMs = subject.time(region.nodes());
    o.risk = "the model then takes these input shapes only";
    found.push_back(std::move(o));
    return found;
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject& subject) const override {
    const ConstantRegion region(graph, subject, true);
    if (!region.frontier().empty()) {
      auto values = region.evaluate(region.frontier());
      if (!values) return passOn(values);
      for (const auto& [name, value] : *values) graph.replaceTensor(name, graph.addInitializer(name, value));
      graph.removeDead();
    }
    auto& proto = graph.model().graphProto();
    const Sizes sizes = pinInputs(graph, subject);
    pinNames(*proto.mutable_output(), sizes);
    pinNames(*proto.mutable_value_info(), sizes);
    graph.model().setMetadata("specialization", fmt::format("for the input shapes {} only", opportunity.target));
    return static_cast<int>(opportunity.places.size());
  }
};

}  // namespace

std::unique_ptr<Rule> makePinShapesRule() { return std::make_unique<PinShapesRule>(); }

}  // namespace ridgeline::advisor
