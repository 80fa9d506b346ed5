// What a command has in hand: where to print, how to tell progress, whether it was asked to stop.
#pragma once

#include "base/progress.h"
#include "base/result.h"

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace ridgeline::cli {

enum class Format { Text, Json, Markdown };
enum class ProgressStyle { Auto, None, Bar, Json };

// Prints results to stdout, or to a file that appears whole; errors and progress to stderr.
class Console {
 public:
  explicit Console(const StopFlag& stop);
  ~Console();

  void setProgress(ProgressStyle style);
  Job job();
  // Ends the progress display, so that what follows starts on a clean line.
  void endProgress();

  // The result of a command. With `path`, into that file instead.
  Status print(const std::string& text, const std::filesystem::path& path = {});
  void note(const std::string& line);  // stderr

  bool colours() const { return m_colours; }  // stdout is a terminal that wants them
  int width() const { return 100; }

  // What stands behind "--" on the command line of `record`: a command of its own.
  void setTail(std::vector<std::string> tail) { m_tail = std::move(tail); }
  const std::vector<std::string>& tail() const { return m_tail; }
  // For a verb that did its work and still has another exit status than 0: that of the command it ran.
  void setExitStatus(int status) { m_exitStatus = status; }
  int exitStatus() const { return m_exitStatus; }

 private:
  const StopFlag& m_stop;
  std::unique_ptr<Progress> m_progress;
  bool m_colours;
  std::vector<std::string> m_tail;
  int m_exitStatus = 0;
};

// 0 done, 1 the answer is no, 2 usage, 3 bad input, 4 this machine lacks something, 70 a bug, 130 interrupted.
int exitStatus(ErrorCode code);

}  // namespace ridgeline::cli
