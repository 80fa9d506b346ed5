// Sizes for the dimensions a model leaves open: what is given, what follows from it, and what is to be tried.
#pragma once

#include "engine/inputs.h"

#include <map>
#include <string>
#include <vector>

namespace ridgeline::engine {

// A choice of sizes, by dimension key.
using Sizes = std::map<std::string, int64_t>;

class DimPlan {
 public:
  DimPlan(const std::vector<PortInfo>& ports, const ShapeRequest& request);

  // True when some dimension is neither fixed, given, nor computed from others.
  bool open() const { return !m_free.empty(); }

  // Choices in the order in which they are worth trying: all ones; then one usual size for every open dimension except
  // batches; then a usual size for one dimension, ones for the others.
  std::vector<Sizes> candidates() const;

  graph::Dims dimsOf(const PortInfo& port, const Sizes& sizes) const;

  // "dimension T of input_ids taken as 1; --shape T=N sets it", one line a dimension.
  std::vector<std::string> notes(const Sizes& sizes) const;

 private:
  struct Free {
    std::string key;
    std::string input;  // the first one that has it
    size_t axis = 0;
    bool named = false;
    bool batch = false;
    bool audio = false;  // the last dimension of a float vector or matrix: may be thousands of samples
  };
  int64_t sizeOf(const std::string& key, const Sizes& sizes) const;
  bool derive(const std::string& key, const Sizes& sizes, int64_t& size) const;
  bool isDerived(const std::string& key) const;
  void addGiven(const std::vector<PortInfo>& ports, const ShapeRequest& request);

  ShapeRequest m_request;
  Sizes m_given;
  std::vector<Free> m_free;
  std::map<std::string, std::string> m_derivedOf;  // derived key -> the input that has it
  std::string m_past, m_new;                       // keys of the cached and the new length of a decoder, if it has them
};

}  // namespace ridgeline::engine
