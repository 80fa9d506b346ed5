#include "advisor/rules/fuse_skip_norm.h"

#include "advisor/rules/fuse_norm_match.h"
#include "advisor/rules/fusion_rule.h"

#include <algorithm>

namespace ridgeline::advisor {

namespace {

using graph::Graph;
using graph::Node;

// The operator's order of results: normalized, mean, inverse deviation, sum.
constexpr size_t kSumResult = 3;

// Layer normalization, as an operator or written out.
struct Norm {
  std::string x, scale, bias, result;
  double epsilon = 0;
  std::vector<Node*> nodes;
};

std::optional<Norm> normAt(const Graph& graph, const SymbolicShapes& shapes, Node& anchor) {
  if (graph::isOp(anchor, "LayerNormalization")) {
    const auto axis = graph::intAttribute(anchor, "axis", -1);
    const auto scale = graph.constantDims(anchor.input(1));
    if ((axis != -1 && axis != 2) || !scale || scale->size() != 1) return std::nullopt;
    for (int i = 1; i < anchor.output_size(); ++i) {
      if (graph.isUsed(anchor.output(i))) return std::nullopt;  // the mean, or the deviation
    }
    return Norm{anchor.input(0),
                anchor.input(1),
                anchor.input_size() > 2 ? anchor.input(2) : "",
                anchor.output(0),
                graph::floatAttribute(anchor, "epsilon", 1e-5F),
                {&anchor}};
  }
  auto match = matchNorm(graph, shapes, anchor, Centered::Yes);
  if (!match.block || match.block->weight.empty()) return std::nullopt;
  auto& block = *match.block;
  return Norm{block.x, block.weight, block.bias, block.last->output(0), block.epsilon, std::move(block.nodes)};
}

struct SkipNorm {
  Norm norm;
  Node* sum = nullptr;
  bool sumIsRead = false;  // elsewhere
  std::string why;         // sum is null: what stood in the way; empty when this does not look like a place
};

SkipNorm matchSkipNorm(const Graph& graph, const SymbolicShapes& shapes, Node& anchor) {
  SkipNorm found;
  const auto no = [&](std::string why) {
    found.sum = nullptr;
    found.why = std::move(why);
    return std::move(found);
  };
  auto norm = normAt(graph, shapes, anchor);
  if (!norm) return found;
  found.norm = std::move(*norm);
  Node* sum = graph.producer(found.norm.x);
  if (!sum || !graph::isOp(*sum, "Add") || graph.isConstant(sum->input(0)) || graph.isConstant(sum->input(1))) {
    return found;
  }
  const auto a = shapes.dims(sum->input(0)), b = shapes.dims(sum->input(1));
  if (!a || !b || *a != *b) return no("what is added is not always of one shape");
  if (std::ranges::all_of(*a, isNumber)) return found;  // the engine's own work
  if (a->size() != 3) return no(fmt::format("its input has {} dims, the fused operator wants 3", a->size()));
  if (graph.isGraphOutput(found.norm.x)) return no("the sum is an output of the model");
  const auto isInside = [&](const Node* reader) { return std::ranges::count(found.norm.nodes, reader) > 0; };
  found.sumIsRead = !std::ranges::all_of(graph.consumers(found.norm.x), isInside);
  found.sum = sum;
  return found;
}

class FuseSkipNormRule : public FusionRule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{
        "fuse-skip-norm", RuleKind::Fusion, false, "add and normalize the sum in one operator", {}};
    return info;
  }

 private:
  std::vector<std::string> anchorTypes() const override { return {"LayerNormalization", "Div", "Mul"}; }
  std::string fusedOperator() const override { return "SkipLayerNormalization"; }

  Look look(const Graph& graph, const SymbolicShapes& shapes, Node& anchor) const override {
    auto match = matchSkipNorm(graph, shapes, anchor);
    if (!match.sum) return {std::nullopt, std::move(match.why)};
    match.norm.nodes.insert(match.norm.nodes.begin(), match.sum);
    return {Place{std::move(match.norm.nodes), "Add and LayerNormalization"}, {}};
  }

  // A place cut out and timed alone would have fixed shapes, with which the engine fuses it. What is won is about the
  // time of the sum: the fused operator reads what both read.
  FusionGain gain(Graph&, std::span<const FusionPlace> places, const Subject& subject) const override {
    std::vector<Node*> sums;
    for (const auto& place : places) sums.push_back(place.nodes.front());
    return {{}, subject.time(sums), {"the sums take this time; with open dims the engine leaves them alone"}};
  }

  Rewriter rewriter(Graph& graph) const override {
    return [&graph, shapes = std::make_shared<SymbolicShapes>(graph)](Node& anchor) {
      const auto match = matchSkipNorm(graph, *shapes, anchor);
      if (!match.sum) return false;
      graph.model().requireOpset(kContribDomain, 1);
      const Norm& norm = match.norm;
      graph::NodeSpec spec{"SkipLayerNormalization",
                           {match.sum->input(0), match.sum->input(1), norm.scale},
                           {graph.uniqueName(norm.result + "_normalized")},
                           {{"epsilon", static_cast<float>(norm.epsilon)}},
                           kContribDomain,
                           {}};
      if (!norm.bias.empty()) spec.inputs.push_back(norm.bias);
      if (match.sumIsRead) {
        spec.outputs.resize(kSumResult);
        spec.outputs.push_back(graph.uniqueName(norm.x + "_sum"));
      }
      const auto outputs = spec.outputs;
      graph.addNode(std::move(spec));
      graph.replaceTensor(norm.result, outputs.front());
      if (match.sumIsRead) graph.replaceTensor(norm.x, outputs.back());
      graph.removeDead();
      return true;
    };
  }
};

}  // namespace

std::unique_ptr<Rule> makeFuseSkipNormRule() { return std::make_unique<FuseSkipNormRule>(); }

}  // namespace ridgeline::advisor
