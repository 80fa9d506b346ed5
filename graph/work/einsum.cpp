#include "graph/work/einsum.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <string>
#include <vector>

namespace ridgeline::graph::work {
namespace {

// A label is a letter's code; the dims an ellipsis stands for are -1, -2, ... counted from its right end, as they
// align.
using Label = int;

struct Term {
  std::string letters;       // without the ellipsis
  size_t lettersBefore = 0;  // letters left of the ellipsis
  bool ellipsis = false;
};

std::optional<Term> parseTerm(std::string_view text) {
  Term term;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ') continue;
    if (std::isalpha(static_cast<unsigned char>(text[i]))) {
      term.letters += text[i];
    } else if (text.substr(i, 3) == "..." && !term.ellipsis) {
      term.ellipsis = true;
      term.lettersBefore = term.letters.size();
      i += 2;
    } else {
      return std::nullopt;
    }
  }
  return term;
}

std::optional<std::vector<Term>> parseTerms(std::string_view text) {
  std::vector<Term> terms;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find(',', begin), text.size());
    auto term = parseTerm(text.substr(begin, end - begin));
    if (!term) return std::nullopt;
    terms.push_back(std::move(*term));
    begin = end + 1;
  }
  return terms;
}

std::optional<std::vector<Label>> labelsOf(const Term& term, size_t rank) {
  if (rank < term.letters.size() || (!term.ellipsis && rank != term.letters.size())) return std::nullopt;
  const size_t hidden = rank - term.letters.size();
  std::vector<Label> labels(term.letters.begin(), term.letters.end());
  std::vector<Label> dots;
  for (size_t i = 0; i < hidden; ++i) dots.push_back(-static_cast<Label>(hidden - i));
  labels.insert(labels.begin() + static_cast<ptrdiff_t>(term.lettersBefore), dots.begin(), dots.end());
  return labels;
}

// A dim of 1 stretches to its partners' length.
bool unify(std::map<Label, int64_t>& sizes, Label label, int64_t dim) {
  const auto [it, fresh] = sizes.emplace(label, dim);
  if (fresh || it->second == dim || dim == 1) return true;
  if (it->second != 1) return false;
  it->second = dim;
  return true;
}

}  // namespace

std::optional<double> einsumOperations(std::string_view equation, std::span<const TensorShape> operands) {
  const size_t arrow = equation.find("->");
  const auto terms = parseTerms(equation.substr(0, arrow));
  if (!terms || terms->size() != operands.size() || operands.empty() || operands.size() > 2) return std::nullopt;

  std::map<Label, int64_t> sizes;
  std::map<Label, int> uses;
  for (size_t i = 0; i < operands.size(); ++i) {
    const auto labels = labelsOf((*terms)[i], operands[i].dims.size());
    if (!operands[i].present() || !labels) return std::nullopt;
    for (size_t axis = 0; axis < labels->size(); ++axis) {
      if (!unify(sizes, (*labels)[axis], operands[i].dims[axis])) return std::nullopt;
      ++uses[(*labels)[axis]];
    }
  }

  // With no arrow, what occurs once is kept, and so are the dims of ellipses.
  std::optional<Term> kept;
  if (arrow != std::string_view::npos) {
    kept = parseTerm(equation.substr(arrow + 2));
    if (!kept) return std::nullopt;
  }
  double iterations = 1;
  bool sums = false;
  for (const auto& [label, size] : sizes) {
    iterations *= static_cast<double>(size);
    const bool isKept =
        label < 0 ? !kept || kept->ellipsis
                  : (kept ? kept->letters.find(static_cast<char>(label)) != std::string::npos : uses[label] == 1);
    sums = sums || !isKept;
  }
  const double perIteration = static_cast<double>(operands.size()) - (sums ? 0 : 1);
  return perIteration * iterations;
}

}  // namespace ridgeline::graph::work
