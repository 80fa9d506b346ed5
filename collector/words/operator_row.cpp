#include "collector/words/operator_row.h"

#include "collector/words/op_work.h"

namespace ridgeline::collector {

profile::Operator operatorRow(std::string name, std::string shapes, double calls) {
  profile::Operator row;
  row.name = std::move(name);
  row.inputShapes = std::move(shapes);
  const auto colons = row.name.rfind("::");
  row.opType = colons == std::string::npos ? row.name : row.name.substr(colons + 2);
  row.callsPerRun = calls;
  if (auto work = opWork(row.name, row.inputShapes)) {
    work->flops *= calls, work->bytesRead *= calls, work->bytesWritten *= calls;
    row.work = *work;
    row.provenanceWork = profile::Provenance::Modelled;
  }
  return row;
}

}  // namespace ridgeline::collector
