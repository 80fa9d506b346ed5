// A check: looks at one file's facts and says what it found. One class a file, listed in all_checks.cpp, described in
// docs/source-checks/, tested by sources in tests/source/fixtures/.
#pragma once

#include "advisor/source/model/accesses.h"
#include "advisor/source/model/facts.h"

#include <deque>
#include <span>
#include <vector>

namespace ridgeline::source {

// A function with what is computed of it.
struct FunctionView {
  const FunctionFacts& facts;
  IndexReader index;
  std::vector<Access> accesses;
};

struct CheckInput {
  const FileFacts& file;
  Atoms& atoms;
  const std::deque<FunctionView>& functions;
  const std::vector<Remark>& remarks;  // the vectorizer's, for C and C++
  // Of device functions: the kernels that call them, directly or not, by name.
  const std::map<const FunctionFacts*, std::set<std::string>>& callers;
  FunctionView* viewOf(const clang::FunctionDecl* decl) const;
};

class Check {
 public:
  virtual ~Check() = default;
  virtual CheckInfo info() const = 0;
  virtual bool handles(Language language) const = 0;
  virtual void run(const CheckInput& in, std::vector<Finding>& found) const = 0;

 protected:
  // With its place, function and kind filled in.
  Finding finding(const CheckInput& in, const FunctionFacts* function, clang::SourceRange range,
                  std::string message) const;
};

class GpuCheck : public Check {
 public:
  bool handles(Language language) const override { return language == Language::Cuda || language == Language::OpenCl; }
};
class CudaCheck : public Check {
 public:
  bool handles(Language language) const override { return language == Language::Cuda; }
};
class CpuCheck : public Check {
 public:
  bool handles(Language language) const override { return language == Language::Cxx || language == Language::C; }
};

std::span<const Check* const> allChecks();

// The names of the kernels launched, for Finding::kernels.
std::vector<std::string> kernelNames(const CheckInput& in, const std::vector<Launch>& launches);

// The functions that make the checks, one in each of their files.
const Check& stridedAccess();
const Check& arrayOfStructs();
const Check& scalarLoads();
const Check& missingRestrict();
const Check& bankConflict();
const Check& divergentBranch();
const Check& doubleArithmetic();
const Check& blockSize();
const Check& launchInLoop();
const Check& syncInLoop();
const Check& copyInLoop();
const Check& allocationInLoop();
const Check& fusableKernels();
const Check& accumulateInMemory();
const Check& loopOrder();
const Check& notVectorized();
const Check& falseSharing();
const Check& needlessCopy();
const Check& invariantCall();

}  // namespace ridgeline::source
