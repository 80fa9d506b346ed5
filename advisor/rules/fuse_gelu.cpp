#include "advisor/rules/fuse_gelu.h"

#include "advisor/rules/fusion_rule.h"
#include "graph/match.h"

#include <array>
#include <cmath>
#include <numbers>

namespace ridgeline::advisor {

namespace {

using graph::Graph;
using graph::Node;
namespace p = graph::pattern;
using p::Pattern;

// Constants are written with as few as six digits.
constexpr double kRounded = 1e-5;
constexpr double kExactly = 1e-7;

// x * 0.5 * (1 + inner), whichever two are multiplied first.
std::vector<Pattern> halvesOf(const Pattern& x, const Pattern& inner) {
  const auto half = p::scalar(0.5, kExactly);
  const auto sum = p::op("Add", {inner, p::scalar(1, kExactly)});
  return {p::op("Mul", {p::op("Mul", {x, sum}), half}), p::op("Mul", {p::op("Mul", {x, half}), sum}),
          p::op("Mul", {x, p::op("Mul", {sum, half})})};
}

struct Form {
  const char* fused;
  std::vector<Pattern> patterns;
};

// Hendrycks and Gimpel, Gaussian Error Linear Units, 2016: the definition, and the approximation by tanh.
const std::array<Form, 2>& forms() {
  static const auto made = [] {
    const auto x = p::any("x");
    const double root2 = std::numbers::sqrt2;
    const auto erf = p::op("Erf", {p::either({p::op("Div", {x, p::scalar(root2, kRounded)}),
                                              p::op("Mul", {x, p::scalar(1 / root2, kRounded)})})});
    const auto cubic = p::scalar(0.044715, kRounded);
    const auto scale = p::scalar(std::sqrt(2 / std::numbers::pi), kRounded);
    const auto cube = p::either({p::op("Pow", {x, p::scalar(3, kExactly)}), p::op("Mul", {p::op("Mul", {x, x}), x})});
    const auto factor = p::op(
        "Add", {p::either({p::op("Mul", {p::op("Mul", {x, cubic}), x}), p::op("Mul", {p::op("Mul", {x, x}), cubic})}),
                p::scalar(1, kExactly)});
    const auto argument =
        p::either({p::op("Mul", {p::op("Add", {x, p::op("Mul", {cube, cubic})}), scale}),
                   p::op("Mul", {p::op("Mul", {x, scale}), factor}), p::op("Mul", {p::op("Mul", {x, factor}), scale})});
    return std::array<Form, 2>{Form{"Gelu", halvesOf(x, erf)},
                               Form{"FastGelu", halvesOf(x, p::op("Tanh", {argument}))}};
  }();
  return made;
}

struct Found {
  const char* fused = nullptr;
  graph::Match match;
};

std::optional<Found> matchGelu(const Graph& graph, Node& product) {
  for (const Form& form : forms()) {
    for (const Pattern& pattern : form.patterns) {
      if (auto match = graph::match(graph, product, pattern)) return Found{form.fused, std::move(*match)};
    }
  }
  return std::nullopt;
}

bool isClosed(const Graph& graph, const Found& found, const Node& product) {
  const std::array<std::string, 1> result{product.output(0)};
  return graph::isClosed(graph, found.match.nodes, result);
}

void write(Graph& graph, const Found& found, const Node& product) {
  graph.model().requireOpset(kContribDomain, 1);
  const std::string result = product.output(0);
  graph.replaceTensor(
      result, addNamed(graph, {found.fused, {found.match.tensor("x")}, {}, {}, kContribDomain, {}}, result + "_gelu"));
  graph.removeDead();
}

class FuseGeluRule : public FusionRule {
 public:
  const RuleInfo& info() const override {
    static const RuleInfo info{"fuse-gelu", RuleKind::Fusion, false, "compute GELU in one operator", {}};
    return info;
  }

 private:
  std::vector<std::string> anchorTypes() const override { return {"Mul"}; }
  std::string fusedOperator() const override { return "Gelu"; }

  Look look(const Graph& graph, const SymbolicShapes&, Node& product) const override {
    auto found = matchGelu(graph, product);
    if (!found) return {};
    if (!isClosed(graph, *found, product)) return {std::nullopt, "a value inside is also read elsewhere"};
    return {Place{found->match.nodes, found->fused}, {}};
  }

  Rewriter rewriter(Graph& graph) const override {
    return [&graph](Node& product) {
      const auto found = matchGelu(graph, product);
      if (!found || !isClosed(graph, *found, product)) return false;
      write(graph, *found, product);
      return true;
    };
  }
};

}  // namespace

int fuseGelus(Graph& graph, const std::function<bool(const std::string& argument)>& isWanted) {
  std::vector<std::string> products;  // by id: fusing one removes others
  for (const Node* node : graph.nodesOf("Mul")) products.push_back(graph::idOf(*node));
  int count = 0;
  for (const auto& id : products) {
    Node* const product = graph.find(id);
    const auto found = product ? matchGelu(graph, *product) : std::nullopt;
    if (!found || !isClosed(graph, *found, *product) || !isWanted(found->match.tensor("x"))) continue;
    write(graph, *found, *product);
    ++count;
  }
  return count;
}

std::unique_ptr<Rule> makeFuseGeluRule() { return std::make_unique<FuseGeluRule>(); }

}  // namespace ridgeline::advisor
