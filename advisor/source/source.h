// The source advisor: reads CUDA, C++ and OpenCL C, finds what keeps memory-bound code slow, and rewrites it on
// request. This header knows nothing of Clang; what is behind it does.
#pragma once

#include "base/progress.h"
#include "base/result.h"

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ridgeline::source {

enum class Language { Cuda, Cxx, C, OpenCl };
constexpr std::string_view nameOf(Language language) {
  constexpr std::string_view kNames[] = {"CUDA", "C++", "C", "OpenCL C"};
  return kNames[static_cast<int>(language)];
}

// What a finding is about; without a profile, findings are ranked in this order.
enum class Kind { Access, Layout, Launch, Transfer, Arithmetic, Loop, Copy };
constexpr std::string_view nameOf(Kind kind) {
  constexpr std::string_view kNames[] = {"access", "layout", "launch", "transfer", "arithmetic", "loop", "copy"};
  return kNames[static_cast<int>(kind)];
}

struct Options {
  std::vector<std::filesystem::path> files;
  std::vector<std::string> flags;         // the compiler's, given after --
  std::filesystem::path compileCommands;  // compile_commands.json or its folder; empty: looked for above each file
  std::filesystem::path cudaPath;         // the toolkit; empty: looked for. "none": parse with built-in declarations
  std::vector<std::string> checks;        // names, or beginnings with '*'; '-' before takes away; empty: all
  bool allowRounding = false;             // also apply fixes that can change the last bits of a result
  std::filesystem::path profile;          // ranks findings by the headroom of their kernel
  std::optional<std::set<std::string>> onlyFixes;  // AppliedFix::id of those to apply; nullopt: all
};

// A replacement in the file's text, in bytes.
struct Edit {
  size_t offset = 0;
  size_t length = 0;
  std::string text;
  bool operator==(const Edit&) const = default;
};

struct Fix {
  std::string title;  // "fuse scale and bias into one kernel"
  bool exact = true;  // false: results can differ by rounding
  std::vector<Edit> edits;
  std::set<std::string> scopes;  // what it reads or changes: two fixes that share one are applied one after the other
};

struct Finding {
  std::string check;  // "gpu-strided-access"
  Kind kind = Kind::Access;
  std::string file;
  unsigned line = 0, column = 0;  // from 1
  unsigned length = 0;            // of the marked part, within the line
  std::string excerpt;            // the line
  std::string function;           // that it sits in, qualified; empty outside one
  bool inKernel = false;
  std::vector<std::string> kernels;  // whose time it costs, qualified: that it sits in, that call it, or are launched
  std::string message;
  std::vector<std::string> evidence;
  std::optional<Fix> fix;
  std::string whyNoFix;  // what makes the fix unsafe, when there is one in principle
  double weight = 0;     // orders findings of one kind: bytes moved per useful byte, ways of a conflict
  // The part of the function's time above the roof that the fix could win, 0..1.
  double gainFraction = 0;
  std::optional<double> kernelTimeMs, kernelHeadroomMs, predictedGainMs;  // with a profile
};

struct FileReport {
  std::string file;
  Language language = Language::Cxx;
  int kernels = 0, kernelsInPart = 0;  // found; of these, some expressions could not be read
  int functions = 0, functionsInPart = 0;
  int kernelsUnread = 0;              // named in the text and not found by the parser
  std::vector<std::string> problems;  // what could not be read, one line each
  std::vector<std::string> notes;
};

struct Report {
  std::vector<FileReport> files;
  std::vector<Finding> findings;    // ranked
  std::vector<std::string> errors;  // files that could not be looked at, one line each
  std::optional<std::string> profile;
};

// What a check is, for --help, SARIF's rules and the documentation.
struct CheckInfo {
  std::string name;
  Kind kind = Kind::Access;
  std::string summary;  // one line
  bool hasFix = false;
};
std::vector<CheckInfo> checks();

// Usage when `checks` names none. BadInput when not a single file could be looked at.
Result<Report> analyze(const Options& options, Job job);

struct AppliedFix {
  // The same however the lines around it move. Fixes that only differ by their line share one.
  std::string id;
  std::string check, title, function;
  unsigned line = 0;  // of its finding, in the text before the round in which it was applied
  bool exact = true;
};

struct FixedFile {
  std::filesystem::path path;
  std::string before, after;
  std::vector<AppliedFix> applied;
  std::vector<std::string> dropped;  // fixes that were taken back, with the reason
  bool changed() const { return before != after; }
};

// The text of every file with all fixes applied until none is left. Nothing is written.
Result<std::vector<FixedFile>> fixAll(const Options& options, Job job);

// Each file whole or not at all; a read-only or generated file is an error and nothing is written.
Status writeFixed(const std::vector<FixedFile>& files);

// As `diff -u` prints it, with paths as given.
std::string unifiedDiff(const std::string& path, const std::string& before, const std::string& after);

// --- proof ---

struct ProveOptions {
  std::string command;   // "build && run": all but the last part builds, the last is timed. Run by sh.
  double tolerance = 0;  // relative, for numbers in the output
  double budgetS = 120;  // of measuring
  std::string folder;    // copied for each version; empty: the current one
};

struct ProofTrial {
  std::string check;     // or "all" for the final comparison
  std::string function;  // that the fix is in
  std::vector<std::string> titles;
  double beforeMs = 0, afterMs = 0;            // medians
  double ratio = 1, ratioLo = 1, ratioHi = 1;  // time before / time after, 95 %
  int rounds = 0;
  bool kept = false;
  std::string reason;  // why not kept
};

struct Proof {
  std::vector<ProofTrial> trials;
  std::optional<ProofTrial> final;  // of everything kept against the original, measured from scratch
  std::vector<FixedFile> files;     // as kept; unchanged ones where nothing was
  bool improved = false;
};

Result<Proof> prove(const Options& options, const ProveOptions& how, Job job);

}  // namespace ridgeline::source
