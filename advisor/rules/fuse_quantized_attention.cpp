#include "advisor/rules/fuse_quantized_attention.h"

#include "advisor/preflight.h"
#include "advisor/rules/constant_behind.h"
#include "advisor/rules/fuse_attention.h"
#include "advisor/rules/fuse_attention_result.h"
#include "advisor/rules/fuse_quantized_attention_match.h"
#include "advisor/rules/fusion_rule.h"
#include "advisor/rules/merge_products_group.h"
#include "advisor/rules/places.h"
#include "advisor/rules/quantization/form_model.h"
#include "advisor/rules/raise_opset.h"
#include "base/units.h"

#include <algorithm>
#include <array>
#include <map>
#include <span>

namespace ridgeline::advisor {
namespace {

using graph::DataType;
using graph::Graph;
using graph::Node;
using graph::Tensor;
using quantization::filled;
using quantization::FormModel;

std::vector<Node*> anchorsOf(const Graph& graph) {
  std::vector<Node*> nodes = graph.nodesOf("Softmax");
  std::ranges::copy(graph.nodesOf("MultiHeadAttention", kContribDomain), std::back_inserter(nodes));
  std::ranges::copy(graph.nodesOf("Attention"), std::back_inserter(nodes));
  return nodes;
}

// What decides the speed of a place.
struct Size {
  int64_t batch, length, depth, width, heads;
  bool masked;
  DataType type;
  std::string text() const {
    return fmt::format("{}x{}x{} to {} heads of {}{}{}", batch, length, depth, heads, width / heads,
                       masked ? " masked" : "", type == DataType::Int8 ? " int8" : "");
  }
};

std::optional<Size> sizeOf(const Graph& graph, const QuantizedAttention& found, const Subject& subject) {
  const auto* input = subject.shape(found.first().input(0));
  const auto weight = graph.constantDims(constantBehind(graph, found.first().input(1)));
  if (!input || input->dims.size() != 3 || !weight) return std::nullopt;
  return Size{input->dims[0], input->dims[1],         weight->front(), found.width,
              found.heads,    found.mask.has_value(), input->type};
}

// So small that scores stay near zero: a softmax that decides for one key leaves denormal numbers, which are slow.
constexpr float kScale = 1e-7f;

// The forms for timing. The mask costs all of them the same, so none has one.
graph::Model apart(const Size& s, AttentionOperator with) {
  const bool onnx = with == AttentionOperator::Attention;
  FormModel model("attention", s.type, {s.batch, s.length, s.depth}, onnx ? kAttentionOpset : FormModel::kOpset);
  const auto scale = model.scalar(kScale), zero = model.zeroPoint(s.type, s.type == DataType::Int8 ? 0 : 128);
  std::vector<std::string> operands;
  for (int i = 0; i < 3; ++i) {
    operands.push_back(model.add({"MatMulIntegerToFloat",
                                  {"x", model.constant(filled(DataType::Int8, {s.depth, s.width})), scale,
                                   model.floats(s.width), zero, "", model.floats(s.width)},
                                  {},
                                  {},
                                  kContribDomain,
                                  {}}));
  }
  model.output(
      onnx ? model.add({"Attention", operands, {}, {{"q_num_heads", s.heads}, {"kv_num_heads", s.heads}}, {}, {}})
           : model.add({"MultiHeadAttention", operands, {}, {{"num_heads", s.heads}}, kContribDomain, {}}));
  return std::move(model).take();
}

graph::Model fused(const Size& s) {
  FormModel model("attention", s.type, {s.batch, s.length, s.depth});
  const auto zero = model.zeroPoint(s.type, s.type == DataType::Int8 ? 0 : 128);
  model.output(
      model.add({"QAttention",
                 {"x", model.constant(filled(DataType::Int8, {s.depth, 3 * s.width})), model.floats(3 * s.width),
                  model.scalar(kScale), model.floats(3 * s.width), "", zero, model.zeroPoint(DataType::Int8, 0)},
                 {},
                 {{"num_heads", s.heads}},
                 kContribDomain,
                 {}}));
  return std::move(model).take();
}

class Rewriter {
 public:
  explicit Rewriter(Graph& graph) : m_graph(graph), m_shapes(graph) {}

  bool rewrite(Node& anchor) {
    const auto match = matchQuantizedAttention(m_graph, m_shapes, anchor);
    if (!match.attention) return false;
    const QuantizedAttention& found = *match.attention;
    auto inputs = inputsOf(found);
    if (inputs.empty()) return false;
    graph::NodeSpec spec{"QAttention", std::move(inputs), {}, {{"num_heads", found.heads}}, kContribDomain, {}};
    if (found.mask) spec.attributes.emplace_back("mask_filter_value", static_cast<float>(found.mask->fill));
    const auto hint = found.fused ? found.fused->output(0) : found.block->output->output(0);
    const auto made = addNamed(m_graph, std::move(spec), hint + "_attention");
    if (found.fused) {
      m_graph.replaceTensor(hint, made);
    } else {
      handOnAttention(m_graph, m_shapes, *found.block, made);
    }
    m_graph.removeDead();
    return true;
  }

 private:
  // Empty when a constant cannot be read.
  std::vector<std::string> inputsOf(const QuantizedAttention& found) {
    const ProductGroup group{{found.products.begin(), found.products.end()},
                             std::vector<int64_t>(3, found.width),
                             {{1, 1}, {3, -1}, {6, -1}}};
    const auto weights = sideBySide(m_graph, group, group.operands[0]);
    const auto scales = sideBySide(m_graph, group, group.operands[1]);
    if (weights.byteSize() == 0 || scales.byteSize() == 0) return {};
    const auto& first = found.first();
    const std::string zero = first.input_size() > 4 ? first.input(4) : "";
    return {first.input(0),
            m_graph.addInitializer(first.input(1) + "_qkv", weights),
            m_graph.addInitializer(first.input(1) + "_qkv_bias", biasOf(found)),
            first.input(2),
            m_graph.addInitializer(first.input(1) + "_qkv_scales", scales),
            found.mask ? tokensOf(*found.mask) : "",
            zero,
            m_graph.addInitializer("zero_point", Tensor(DataType::Int8, {}))};
  }

  Tensor biasOf(const QuantizedAttention& found) const {
    Tensor all(DataType::Float, {3 * found.width});
    auto values = all.as<float>();
    for (size_t i = 0; i < 3; ++i) {
      const Node& product = *found.products[i];
      if (product.input_size() < 7 || product.input(6).empty()) continue;
      const auto bias = m_graph.constant(constantBehind(m_graph, product.input(6)));
      if (!bias) continue;
      const auto from = bias->as<float>();
      for (size_t c = 0; c < static_cast<size_t>(found.width); ++c) {
        values[i * static_cast<size_t>(found.width) + c] = from[from.size() == 1 ? 0 : c];
      }
    }
    return all;
  }

  // As int32, once for all layers.
  std::string tokensOf(const PaddingMask& mask) {
    auto& name = m_tokens[mask.tokens];
    if (name.empty()) {
      name =
          addNamed(m_graph, {"Cast", {mask.tokens}, {}, {{"to", int64_t{static_cast<int>(DataType::Int32)}}}, {}, {}},
                   mask.tokens + "_int32");
    }
    return name;
  }

  Graph& m_graph;
  SymbolicShapes m_shapes;  // of the graph before the first edit
  std::map<std::string, std::string> m_tokens;
};

class FuseQuantizedAttentionRule : public Rule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{"fuse-quantized-attention",
                               RuleKind::Fusion,
                               false,
                               "compute attention and its INT8 products of query, key and value in one operator",
                               {}};
    return info;
  }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    const SymbolicShapes shapes(graph);
    Opportunity o;
    o.rule = info().name;
    std::map<std::string, int> kinds;
    bool masked = false;
    const bool mayUseNewer = whyNotRaised(graph, kAttentionOpset, subject.maxOpset, &shapes).empty();
    for (Node* anchor : anchorsOf(graph)) {
      const auto match = matchQuantizedAttention(graph, shapes, *anchor);
      if (!match.attention) {
        if (!match.why.empty() && nearMisses) nearMisses->push_back({info().name, graph::idOf(*anchor), match.why});
        continue;
      }
      const auto size = sizeOf(graph, *match.attention, subject);
      const double gain = size ? gainOf(*match.attention, *size, subject, mayUseNewer, o.evidence) : 0;
      if (gain <= 0) continue;
      o.predictedGainMs += gain;
      o.places.push_back(graph::idOf(*anchor));
      masked = masked || size->masked;
      ++kinds[fmt::format("attention with {} heads of {}", size->heads, size->width / size->heads)];
    }
    if (o.places.empty()) return std::vector<Opportunity>{};
    o.target = listKinds(kinds);
    if (masked) o.risk = "the mask of tokens must hold nothing but 0 and 1";
    return std::vector<Opportunity>{std::move(o)};
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject&) const override {
    Rewriter rewriter(graph);
    int count = 0;
    for (const auto& place : opportunity.places) {
      Node* const anchor = graph.find(place);
      if (anchor && rewriter.rewrite(*anchor)) ++count;
    }
    graph.sort();
    return count;
  }

 private:
  static double gainOf(const QuantizedAttention& found, const Size& size, const Subject& subject, bool mayUseNewer,
                       std::vector<std::string>& evidence) {
    const std::array<KernelForm, 3> forms{
        KernelForm{"QAttention " + size.text(), [&size] { return fused(size); }},
        KernelForm{"INT8 products and MultiHeadAttention " + size.text(),
                   [&size] { return apart(size, AttentionOperator::MultiHeadAttention); }},
        KernelForm{"INT8 products and Attention " + size.text(),
                   [&size] { return apart(size, AttentionOperator::Attention); }}};
    // What is not fused yet could be by either, where the model may use both.
    const bool isNewer = found.fused && graph::isOp(*found.fused, "Attention");
    const bool newerCounts = isNewer || (found.block && mayUseNewer);
    const auto times = subject.kernels.compare(std::span(forms).first(newerCounts ? 3 : 2));
    std::optional<double> otherwise;
    for (size_t form = isNewer ? 2 : 1; form < times.size(); ++form) {
      if (times[form]) otherwise = std::min(*times[form], otherwise.value_or(*times[form]));
    }
    if (!times[0] || !otherwise) return 0;
    auto line = fmt::format("{}: {} as products and attention, {} with QAttention", size.text(), formatMs(*otherwise),
                            formatMs(*times[0]));
    if (std::ranges::find(evidence, line) == evidence.end()) evidence.push_back(std::move(line));
    // The other fusion wins as much, and does not tie attention to INT8.
    if (*times[0] >= *otherwise) return 0;
    std::vector<Node*> nodes(found.products.begin(), found.products.end());
    if (found.block) nodes.insert(nodes.end(), found.block->nodes.begin(), found.block->nodes.end());
    if (found.fused) nodes.push_back(found.fused);
    const double observed = subject.time(nodes);
    const double before = observed > 0 ? observed : *otherwise;
    // Written out, attention costs more than the fused operator it was timed as.
    return std::max(before * (1 - *times[0] / *otherwise), found.block ? before - *times[0] : 0.0);
  }
};

}  // namespace

std::unique_ptr<Rule> makeFuseQuantizedAttentionRule() { return std::make_unique<FuseQuantizedAttentionRule>(); }

}  // namespace ridgeline::advisor
