// Which operators should work on permuted axes so that the fewest bytes are transposed.
//
// For one order of axes p, every operator that can work in any order is either left as it is, or made to work on t'
// where t = Transpose(t', p). The output of a Transpose by p has its t' for free: the Transpose's input. A Transpose by
// p's inverse wants t', and is free where there is one. A tensor is transposed, once, if its maker and some reader are
// of two kinds. The choice that transposes the fewest bytes is a minimum cut of the graph.
#pragma once

#include "advisor/rules/layout/min_cut.h"
#include "advisor/rules/layout/permutation.h"

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace ridgeline::advisor {

class LayoutChoice {
 public:
  LayoutChoice(const graph::Graph& graph, const Subject& subject, const Permutation& perm);

  bool isSource(const graph::Node* node) const { return role(node) == Role::Source; }  // a Transpose by p
  bool isSink(const graph::Node* node) const { return role(node) == Role::Sink; }      // one by p's inverse
  // An operator to be changed, and its inputs that then come permuted.
  bool isPermuted(const graph::Node* node) const { return m_permuted.contains(node); }
  const std::vector<int>& permutedInputs(const graph::Node* node) const { return m_inputs.at(node); }

  // Whether t' exists without a transposition, or is wanted; whether t itself is.
  bool isMadePermuted(const std::string& tensor) const;
  bool isReadPermuted(const std::string& tensor) const;
  bool isReadPlain(const std::string& tensor) const;

  const std::vector<graph::Node*>& order() const { return m_order; }
  // Tensors that could be transposed: not constant, of p's rank.
  const std::vector<std::string>& tensors() const { return m_tensors; }

 private:
  enum class Role { Fixed, Free, Source, Sink };
  Role role(const graph::Node* node) const;
  void assignRoles();
  void collectTensors();
  void cut();
  void addTensor(MinCut& problem, const std::unordered_map<const graph::Node*, int>& vertices,
                 const std::string& tensor) const;

  const graph::Graph& m_graph;
  const Subject& m_subject;
  Permutation m_perm;
  std::vector<graph::Node*> m_order;
  std::vector<std::string> m_tensors;
  std::unordered_map<const graph::Node*, Role> m_role;
  std::unordered_map<const graph::Node*, std::vector<int>> m_inputs;
  std::unordered_set<const graph::Node*> m_permuted;
};

}  // namespace ridgeline::advisor
