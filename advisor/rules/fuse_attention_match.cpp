#include "advisor/rules/fuse_attention_match.h"

#include <fmt/format.h>

#include <algorithm>

namespace ridgeline::advisor {

namespace {

using graph::Graph;
using graph::isOp;
using graph::Node;

bool transposes(const Node* node, const std::vector<int64_t>& perm) {
  return node && isOp(*node, "Transpose") && graph::intsAttribute(*node, "perm") == perm;
}

class Matcher {
 public:
  Matcher(const Graph& graph, const SymbolicShapes& shapes, Node& softmax, KeyHeads keyHeads)
      : m_graph(graph), m_shapes(shapes), m_mayShare(keyHeads == KeyHeads::Shared) {
    m_block.softmax = &softmax;
  }

  AttentionMatch run() {
    if (!findProducts()) return {std::nullopt, m_why};
    if (!findOperands() || !checkSizes() || !checkMask() || !checkReaders()) return {std::nullopt, m_why};
    return {std::move(m_block), {}};
  }

 private:
  bool no(std::string why) {
    m_why = std::move(why);
    return false;
  }
  void take(Node* node) {
    if (std::ranges::find(m_block.nodes, node) == m_block.nodes.end()) m_block.nodes.push_back(node);
  }
  std::optional<SymbolicDims> dims4(const std::string& tensor) const {
    auto dims = m_shapes.dims(tensor);
    return dims && dims->size() == 4 ? dims : std::nullopt;
  }

  // Looks past multiplications and divisions by a number that the file fixes.
  std::string withoutScale(std::string tensor) {
    while (Node* node = m_graph.producer(tensor)) {
      if (node->input_size() != 2) break;
      const auto right = m_shapes.number(node->input(1)), left = m_shapes.number(node->input(0));
      if (isOp(*node, "Div") && right && *right != 0) {
        m_block.scale /= *right;
        tensor = node->input(0);
      } else if (isOp(*node, "Mul") && (left || right)) {
        m_block.scale *= right ? *right : *left;
        tensor = node->input(right ? 0 : 1);
      } else {
        break;
      }
      take(node);
    }
    return tensor;
  }

  // Softmax between two products: below that, it is no attention, and no reason is given.
  bool findProducts() {
    Node& softmax = *m_block.softmax;
    Node* product = nullptr;
    for (Node* reader : m_graph.consumers(softmax.output(0))) {
      if (isOp(*reader, "MatMul") && reader->input(0) == softmax.output(0)) product = reader;
    }
    if (!product) return false;
    take(&softmax);
    take(product);
    m_product = product;

    std::string scores = softmax.input(0);
    if (!findMask(scores)) return false;
    m_scores = m_graph.producer(scores);
    if (!m_scores || !isOp(*m_scores, "MatMul")) {
      m_why = m_scores ? fmt::format("the softmax reads {} made by {}, not a product of query and key", scores,
                                     m_scores->op_type())
                       : "";
      return false;
    }
    const auto dims = dims4(softmax.input(0));
    const int64_t axis = graph::intAttribute(softmax, "axis", m_graph.model().opset() < 13 ? 1 : -1);
    if (!dims) return no("the scores are not known to have four dims");
    if (axis != -1 && axis != 3) return no(fmt::format("the softmax runs along axis {}, not over the keys", axis));
    take(m_scores);
    return true;
  }

  // Whether scores, scaled and masked or not, come from here.
  bool leadsToProduct(const std::string& tensor, int depth = 0) const {
    constexpr int kDeepest = 6;
    const Node* node = m_graph.producer(tensor);
    if (!node || depth > kDeepest) return false;
    if (isOp(*node, "MatMul")) return true;
    if (isOp(*node, "Where") && node->input_size() == 3) {
      return leadsToProduct(node->input(1), depth + 1) || leadsToProduct(node->input(2), depth + 1);
    }
    if (isOp(*node, "Div") && node->input_size() == 2) return leadsToProduct(node->input(0), depth + 1);
    if ((!isOp(*node, "Mul") && !isOp(*node, "Add")) || node->input_size() != 2) return false;
    return leadsToProduct(node->input(0), depth + 1) || leadsToProduct(node->input(1), depth + 1);
  }

  // What is done to the scores to hide keys: a choice, and sums after it. Leaves `scores` at the product.
  bool findMask(std::string& scores) {
    Node* add = m_graph.producer(scores);
    while (add && isOp(*add, "Add") && add->input_size() == 2) {
      const int side = leadsToProduct(add->input(0)) ? 0 : 1;
      if (side == 1 && !leadsToProduct(add->input(1))) {
        return no("what is added to the mask is not a product of query and key");
      }
      m_block.added.push_back(add->input(1 - side));
      take(add);
      scores = add->input(side);
      add = m_graph.producer(scores);
    }
    Node* const choice = m_graph.producer(scores);
    if (!choice || !isOp(*choice, "Where") || choice->input_size() != 3) {
      scores = withoutScale(scores);
      return true;
    }
    const int side = leadsToProduct(choice->input(1)) ? 1 : 2;
    (side == 1 ? m_block.keep : m_block.hide) = choice->input(0);
    m_block.fill = choice->input(3 - side);
    take(choice);
    scores = withoutScale(choice->input(side));
    const auto fill = m_shapes.number(m_block.fill);
    // From here on, fill + score rounds to fill for any score below 2^76.
    constexpr double kAbsorbs = -1e30;
    // GPT-2's -10000: exp() of a score less the largest is 0 from -104 on, whatever hidden scores are lowered to.
    constexpr double kHides = -1000;
    if (fill && *fill > kHides) return no(fmt::format("scores are set to {} rather than lowered", *fill));
    if (fill && *fill > kAbsorbs) {
      m_block.assumption =
          fmt::format("every query must see a key, and scores must be small beside {}, which hides the others", *fill);
    }
    return fill || no("what hidden scores are set to does not follow from the file");
  }

  bool findOperands() {
    fillHeads(m_block.query, withoutScale(m_scores->input(0)));
    const std::string keyTransposed = withoutScale(m_scores->input(1));
    Node* const turn = m_graph.producer(keyTransposed);
    if (transposes(turn, {0, 2, 3, 1})) {
      take(turn);
      m_keyDims = permuted(turn->input(0), {0, 2, 1, 3});
      fillSplit(m_block.key, turn->input(0));
    } else if (transposes(turn, {0, 1, 3, 2})) {
      take(turn);
      const std::string key = withoutScale(turn->input(0));
      fillCached(m_block.key, withoutRepeats(m_block.key, key));
      m_keyDims = dims4(cachedOf(m_block.key));
    } else {
      return no("the key is not transposed just before the product");
    }
    fillCached(m_block.value, withoutRepeats(m_block.value, m_product->input(1)));
    m_valueDims = dims4(cachedOf(m_block.value));
    // The fused operator keeps a cache for each, or none.
    if (m_block.key.past.empty() != m_block.value.past.empty() || m_block.key.present == m_block.value.present) {
      for (HeadTensor* operand : {&m_block.key, &m_block.value}) {
        if (!operand->past.empty()) *operand = {{}, {}, operand->present, operand->repeated, {}, {}};
      }
    }
    return true;
  }

  std::optional<SymbolicDims> permuted(const std::string& tensor, const std::vector<size_t>& perm) const {
    const auto dims = dims4(tensor);
    if (!dims) return std::nullopt;
    SymbolicDims result;
    for (const size_t axis : perm) result.push_back((*dims)[axis]);
    return result;
  }

  static const std::string& cachedOf(const HeadTensor& operand) {
    return operand.present.empty() ? operand.ready : operand.present;
  }

  // Heads that several queries share are repeated for the product: a new axis behind them, expanded, and both taken as
  // one.
  std::string withoutRepeats(HeadTensor& operand, const std::string& ready) {
    Node* const join = m_graph.producer(ready);
    Node* const expand = join && isOp(*join, "Reshape") ? m_graph.producer(join->input(0)) : nullptr;
    const bool isRepeat = expand && (isOp(*expand, "Expand") || isOp(*expand, "Tile"));
    Node* const apart = isRepeat ? m_graph.producer(expand->input(0)) : nullptr;
    if (!m_mayShare || !apart || !(isOp(*apart, "Unsqueeze") || isOp(*apart, "Reshape"))) return ready;
    const auto few = dims4(apart->input(0)), many = dims4(ready);
    if (!few || !many || isSymbol((*few)[1]) || isSymbol((*many)[1]) || (*few)[1] <= 0) return ready;
    const int64_t times = (*many)[1] / (*few)[1];
    const auto with = [&](Dim heads, Dim repeats) {
      return SymbolicDims{(*few)[0], heads, repeats, (*few)[2], (*few)[3]};
    };
    if (m_shapes.dims(apart->output(0)) != with((*few)[1], 1) ||
        m_shapes.dims(expand->output(0)) != with((*few)[1], times) ||
        *many != SymbolicDims{(*few)[0], (*few)[1] * times, (*few)[2], (*few)[3]}) {
      return ready;
    }
    for (Node* node : {join, expand, apart}) take(node);
    operand.repeated = ready;
    return apart->input(0);
  }

  void fillHeads(HeadTensor& operand, const std::string& ready) {
    operand.ready = ready;
    Node* const turn = m_graph.producer(ready);
    if (!transposes(turn, {0, 2, 1, 3})) return;
    take(turn);
    fillSplit(operand, turn->input(0));
  }

  void fillSplit(HeadTensor& operand, const std::string& split) {
    operand.split = split;
    Node* const reshape = m_graph.producer(split);
    const auto dims = dims4(split);
    if (!reshape || !isOp(*reshape, "Reshape") || !dims || isSymbol((*dims)[2]) || isSymbol((*dims)[3])) return;
    const SymbolicDims merged{(*dims)[0], (*dims)[1], (*dims)[2] * (*dims)[3]};
    if (m_shapes.dims(reshape->input(0)) != merged) return;
    take(reshape);
    operand.merged = reshape->input(0);
  }

  void fillCached(HeadTensor& operand, const std::string& ready) {
    Node* const concat = m_graph.producer(ready);
    const bool isCache =
        concat && isOp(*concat, "Concat") && concat->input_size() == 2 && dims4(concat->input(0)) &&
        (graph::intAttribute(*concat, "axis", 0) == 2 || graph::intAttribute(*concat, "axis", 0) == -2);
    if (!isCache) return fillHeads(operand, ready);
    take(concat);
    operand.past = concat->input(0);
    operand.present = ready;
    fillHeads(operand, concat->input(1));
  }

  bool checkSizes() {
    const auto q = dims4(m_block.query.ready), &k = m_keyDims, &v = m_valueDims;
    if (!q || !k || !v) return no("the shapes of query, key and value do not follow from the file");
    if ((*q)[0] != (*k)[0] || (*q)[0] != (*v)[0]) return no("query, key and value may differ in batch");
    if (isSymbol((*q)[1]) || isSymbol((*q)[3]) || isSymbol((*v)[3])) {
      return no("the number of heads or their size does not follow from the file");
    }
    if (isSymbol((*k)[1]) || (*k)[1] <= 0 || (*k)[1] != (*v)[1] || (*q)[1] % (*k)[1] != 0 ||
        ((*q)[1] != (*k)[1] && !m_mayShare)) {
      return no("query, key and value differ in heads");
    }
    m_block.heads = (*q)[1];
    m_block.keyHeads = (*k)[1];
    m_block.headSize = (*q)[3];
    m_block.valueSize = (*v)[3];
    m_block.queryLength = (*q)[2];
    m_block.keyLength = (*k)[2];
    m_batch = (*q)[0];
    if (m_block.heads <= 0 || m_block.headSize <= 0 || m_block.valueSize <= 0) return no("there are no heads");
    return true;
  }

  // Masks may stand for the scores' dims or be broadcast to them, but must not make them larger.
  bool checkMask() {
    std::vector<std::string> masks = m_block.added;
    for (const auto& choice : {m_block.keep, m_block.hide}) {
      if (!choice.empty()) masks.push_back(choice);
    }
    bool hasAllDims = false, hasRows = false, hasColumns = false;
    for (const auto& mask : masks) {
      auto dims = m_shapes.dims(mask);
      if (!dims || dims->size() > 4) return no(fmt::format("the shape of the mask {} is not known", mask));
      hasAllDims = hasAllDims || dims->size() == 4;
      dims->insert(dims->begin(), 4 - dims->size(), 1);
      const auto may = [&](size_t axis, Dim dim) { return (*dims)[axis] == 1 || (*dims)[axis] == dim; };
      if (!may(0, m_batch)) return no("the mask's batch may differ from the query's");
      if (!may(1, m_block.heads)) return no("the mask's heads differ from the query's");
      // A table of the mask that is too short for its cut fails as it is, too.
      const bool rows = m_shapes.wanted((*dims)[2]) == m_block.queryLength;
      if (!rows && (*dims)[2] != 1) return no("the mask may have more rows than the query");
      hasRows = hasRows || rows;
      hasColumns = hasColumns || m_shapes.wanted((*dims)[3]) == m_block.keyLength;
    }
    m_block.maskFits = hasAllDims && hasRows && hasColumns;
    return true;
  }

  // What the fused operator no longer makes must not be read by others.
  bool checkReaders() {
    for (const Node* node : m_block.nodes) {
      const bool moves = isOp(*node, "Transpose") || isOp(*node, "Reshape") || isOp(*node, "Concat") ||
                         isOp(*node, "Unsqueeze") || isOp(*node, "Expand") || isOp(*node, "Tile");
      if (moves) continue;
      const std::string& made = node->output(0);
      int readers = 0;
      for (Node* reader : m_graph.consumers(made)) {
        if (isOp(*reader, "Shape")) {
          m_block.shapeReaders.push_back(reader);
        } else {
          ++readers;
        }
      }
      if (readers != 1 || m_graph.isGraphOutput(made)) return no(fmt::format("{} is also read elsewhere", made));
    }
    m_block.output = m_graph.onlyConsumer(m_product->output(0));
    if (!transposes(m_block.output, {0, 2, 1, 3})) return no("the heads are not put back beside each other");
    take(m_block.output);
    return true;
  }

  const Graph& m_graph;
  const SymbolicShapes& m_shapes;
  bool m_mayShare;
  AttentionBlock m_block;
  Node* m_product = nullptr;
  Node* m_scores = nullptr;
  std::optional<SymbolicDims> m_keyDims, m_valueDims;
  Dim m_batch = 0;
  std::string m_why;
};

}  // namespace

AttentionMatch matchAttention(const Graph& graph, const SymbolicShapes& shapes, Node& softmax, KeyHeads keyHeads) {
  if (softmax.input_size() != 1 || softmax.output_size() != 1) return {};
  return Matcher(graph, shapes, softmax, keyHeads).run();
}

}  // namespace ridgeline::advisor
