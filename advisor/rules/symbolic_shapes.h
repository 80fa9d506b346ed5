// Shapes as the file alone fixes them: each dim is a number, or a symbol that is the same size wherever it occurs.
//
// What was seen in one run need not hold in the next; a rewrite that must be right for every size of the open dims asks
// here whether two dims are always equal. Open dims of the inputs are symbols by their names, so that what the file
// states about its inputs ("batch" here is "batch" there) is believed.
#pragma once

#include "graph/graph.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace ridgeline::advisor {

// A number (elements of shape tensors can be negative), or a symbol: a value in a range that no size and none of the
// special values of ONNX's shape arithmetic fall into.
using Dim = int64_t;
using SymbolicDims = std::vector<Dim>;

constexpr Dim kFirstSymbol = -(Dim{1} << 50);
constexpr bool isSymbol(Dim dim) { return dim <= kFirstSymbol && dim > 2 * kFirstSymbol; }
constexpr bool isNumber(Dim dim) { return !isSymbol(dim); }

class SymbolicShapes {
 public:
  // Nothing is kept of the graph.
  explicit SymbolicShapes(const graph::Graph& graph);

  std::optional<SymbolicDims> dims(std::string_view tensor) const;
  // Elements of an integer scalar or vector, as shape arithmetic makes them.
  std::optional<SymbolicDims> integers(std::string_view tensor) const;
  // For a dim cut from a longer one by `[:n]` or `[m - n : m]`: n. The dim is n, or less where there is not so much to
  // cut from. The dim itself for all others.
  Dim wanted(Dim dim) const;
  // The value of a one-element tensor that follows from the file, as a scale made of a head's size does.
  std::optional<double> number(std::string_view tensor) const;

 private:
  friend class SymbolicStep;
  struct Facts {
    std::optional<SymbolicDims> dims;
    std::optional<SymbolicDims> integers;
    std::optional<double> number;
  };
  const Facts* find(std::string_view tensor) const;
  const Facts& factsOf(const graph::Graph& graph, const std::string& tensor);
  void addInputs(const graph::Graph& graph);

  Dim fresh();
  Dim resolve(Dim dim) const;
  SymbolicDims resolve(SymbolicDims dims) const;
  // States that two dims are equal wherever the model runs at all.
  void unify(Dim a, Dim b);
  Dim broadcast(Dim a, Dim b);
  Dim sum(Dim a, Dim b);
  // Of two sizes: unknown where one of them is, or where they are too large to multiply.
  Dim product(Dim a, Dim b);
  // Numbers whose sum and product fit.
  static bool areSmall(Dim a, Dim b);
  bool isSize(Dim value) const;  // a symbol is one unless it came out of arithmetic
  std::optional<SymbolicDims> broadcast(const std::optional<SymbolicDims>& a, const std::optional<SymbolicDims>& b);

  std::map<std::string, Facts, std::less<>> m_facts;
  std::vector<Dim> m_parent;  // of symbol kFirstSymbol - i: itself, another symbol, or the number it turned out to be
  std::unordered_set<Dim> m_computed;                // symbols that are results of arithmetic: they may be negative
  std::map<Dim, std::pair<Dim, Dim>> m_differences;  // symbols that are the first less the second
  std::map<std::pair<Dim, Dim>, Dim> m_sums;         // the lower first
  std::map<Dim, Dim> m_wanted;
  std::map<std::string, Dim> m_dimNames;  // open dims of inputs
};

}  // namespace ridgeline::advisor
