#include "advisor/source/model/records.h"

namespace ridgeline::source {

using namespace clang;

std::string whyNotPlain(const FileFacts& file, const RecordDecl* record) {
  const auto name = record->getNameAsString();
  if (!file.text().inFile(record->getLocation())) return "'" + name + "' is defined in another file";
  if (name.empty() || record->isUnion() || record->isDependentType()) return "it is a union, a template or has no name";
  if (record->hasAttrs()) return "'" + name + "' has attributes such as an alignment";
  if (const auto* written = dyn_cast<CXXRecordDecl>(record)) {
    if (written->getNumBases() > 0 || written->isPolymorphic()) return "'" + name + "' has base classes";
    for (const auto* decl : written->decls()) {
      if (!decl->isImplicit() && !isa<FieldDecl>(decl)) return "'" + name + "' has members other than numbers";
    }
  }
  for (const auto* field : record->fields()) {
    if (!field->getType()->isArithmeticType() || field->isBitField() || field->hasInClassInitializer() ||
        field->getType().isConstQualified() || field->getType().isVolatileQualified() || field->hasAttrs()) {
      return "'" + name + "::" + field->getNameAsString() + "' is not a plain number";
    }
  }
  return "";
}

const RecordDecl* vectorElement(QualType type) {
  const auto* record = type.getNonReferenceType()->getAsRecordDecl();
  const auto* vector = dyn_cast_or_null<ClassTemplateSpecializationDecl>(record);
  if (!vector || vector->getName() != "vector" || vector->getTemplateArgs().size() < 1) return nullptr;
  const auto& argument = vector->getTemplateArgs()[0];
  return argument.getKind() == TemplateArgument::Type ? argument.getAsType()->getAsRecordDecl() : nullptr;
}

const RecordDecl* pointedRecord(QualType type) {
  return type->isPointerType() ? type->getPointeeType()->getAsRecordDecl() : nullptr;
}

std::vector<Span> identifierPlaces(const FileFacts& file, const std::string& name) {
  std::vector<Span> places;
  const auto& text = file.text().all();
  Lexer lexer(SourceLocation(), file.context().getLangOpts(), text.data(), text.data(), text.data() + text.size());
  Token token;
  bool more = true;
  while (more) {
    more = !lexer.LexFromRawLexer(token);
    if (!token.is(tok::raw_identifier) || token.getRawIdentifier() != name) continue;
    const auto at = static_cast<size_t>(token.getRawIdentifier().data() - text.data());
    places.push_back({at, at + name.size()});
  }
  return places;
}

}  // namespace ridgeline::source
