#include "advisor/rules/fuse_attention.h"

#include "advisor/rules/fuse_attention_match.h"
#include "advisor/rules/fuse_attention_write.h"
#include "advisor/rules/fusion_rule.h"
#include "advisor/rules/raise_opset.h"

#include <algorithm>
#include <iterator>

namespace ridgeline::advisor {

namespace {

using graph::Graph;
using graph::Node;

const RuleInfo kInfo{"fuse-attention",
                     RuleKind::Fusion,
                     false,
                     "compute attention in one operator instead of products, softmax and transposes",
                     {"fuse-rotary"}};

// The rule with one of the two operators.
class FuseInto : public FusionRule {
 public:
  explicit FuseInto(AttentionOperator with) : m_with(with) {}
  const RuleInfo& info() const override { return kInfo; }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    if (m_with == AttentionOperator::MultiHeadAttention) return FusionRule::find(graph, subject, nearMisses);
    const auto anchors = graph.nodesOf("Softmax");
    const SymbolicShapes shapes(graph);
    const auto why = whyNotRaised(graph, kAttentionOpset, subject.maxOpset, &shapes);
    if (why.empty()) return FusionRule::find(graph, subject, nearMisses);
    if (nearMisses && !anchors.empty()) {
      nearMisses->push_back({kInfo.name, graph::idOf(*anchors.front()),
                             fmt::format("ONNX has Attention from opset {} on, and {}", kAttentionOpset, why)});
    }
    return std::vector<Opportunity>{};
  }

 private:
  std::vector<std::string> anchorTypes() const override { return {"Softmax"}; }
  std::string fusedOperator() const override {
    return m_with == AttentionOperator::Attention ? "Attention" : "MultiHeadAttention";
  }

  Look look(const Graph& graph, const SymbolicShapes& shapes, Node& softmax) const override {
    const bool onnx = m_with == AttentionOperator::Attention;
    AttentionMatch match = matchAttention(graph, shapes, softmax, onnx ? KeyHeads::Shared : KeyHeads::Repeated);
    if (!match.block) return {std::nullopt, std::move(match.why)};
    const AttentionBlock& block = *match.block;
    // The kernel scales query and key by its square root.
    if (onnx && block.scale <= 0) return {std::nullopt, "scores are scaled by nothing above 0"};
    const auto shared = block.keyHeads < block.heads ? fmt::format(" on {} of keys", block.keyHeads) : "";
    return {Place{block.nodes,
                  fmt::format("attention with {} heads of {}{}{}", block.heads, block.headSize, shared,
                              block.key.past.empty() ? "" : " and a cache"),
                  block.assumption},
            {}};
  }

  Rewriter rewriter(Graph& graph) const override { return attentionWriter(graph, m_with); }

  AttentionOperator m_with;
};

class FuseAttentionRule : public Rule {
 public:
  const RuleInfo& info() const override { return kInfo; }

  Result<std::vector<Opportunity>> find(Graph& graph, const Subject& subject,
                                        std::vector<NearMiss>* nearMisses) const override {
    std::vector<NearMiss> missed, missedByNewer;
    auto usual = m_multiHead.find(graph, subject, &missed);
    auto newer = m_onnx.find(graph, subject, &missedByNewer);
    if (!usual || !newer) return usual ? std::move(newer) : std::move(usual);
    if (nearMisses) std::ranges::move(newer->empty() ? missed : missedByNewer, std::back_inserter(*nearMisses));
    if (newer->empty()) {
      if (nearMisses && !usual->empty()) std::ranges::move(missedByNewer, std::back_inserter(*nearMisses));
      return usual;
    }
    // Older engines know only the usual one, so what is as good stays with it.
    constexpr double kClearlyMore = 1.05;
    Opportunity& best = newer->front();
    if (!usual->empty() && best.predictedGainMs < usual->front().predictedGainMs * kClearlyMore) return usual;
    best.variant = kOnnx;
    if (graph.model().opset() < kAttentionOpset) {
      if (!best.risk.empty()) best.risk += "; ";
      best.risk += fmt::format(
          "an engine must know opset {0}, to which the model is raised from {1} (not with "
          "--max-opset {1})",
          kAttentionOpset, graph.model().opset());
    }
    return newer;
  }

  Result<int> apply(Graph& graph, const Opportunity& opportunity, const Subject& subject) const override {
    return (opportunity.variant == kOnnx ? m_onnx : m_multiHead).apply(graph, opportunity, subject);
  }

 private:
  static constexpr const char* kOnnx = "onnx";
  FuseInto m_multiHead{AttentionOperator::MultiHeadAttention}, m_onnx{AttentionOperator::Attention};
};

}  // namespace

std::unique_ptr<Rule> makeFuseAttentionRule() { return std::make_unique<FuseAttentionRule>(); }
std::unique_ptr<Rule> makeFuseAttentionRule(AttentionOperator with) { return std::make_unique<FuseInto>(with); }

}  // namespace ridgeline::advisor
