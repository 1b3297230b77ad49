// SPDX-License-Identifier: Apache-2.0
// The border of the sentencepiece part (docs/border.md): one function, by its plain
// name, so that the part needs no Embind.

#include <emscripten/emscripten.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "base/buffer.h"
#include "base/status.h"
#include "sentencepiece_call.h"
#include "text/piece_model.h"

namespace {

using simile::PieceModel;
using simile::SentencepieceReply;
using simile::Status;

uint32_t AddressOf(const void* pointer) {
  return static_cast<uint32_t>(reinterpret_cast<uintptr_t>(pointer));
}

// False if there is no room.
bool ReplyData(const void* data, size_t size_bytes, SentencepieceReply* reply) {
  void* copy = std::malloc(size_bytes + 1);
  if (copy == nullptr) return false;
  if (size_bytes != 0) std::memcpy(copy, data, size_bytes);
  reply->data = AddressOf(copy);
  reply->data_bytes = static_cast<uint32_t>(size_bytes);
  return true;
}

Status Load(std::string_view bytes, SentencepieceReply* reply) {
  SIMILE_ASSIGN_OR_RETURN(std::unique_ptr<PieceModel> model, simile::LoadPieceModel(bytes));
  reply->piece_count = static_cast<uint32_t>(model->piece_count());
  reply->unk_piece = model->unk_piece();
  reply->model = AddressOf(model.release());
  return Status();
}

Status Cut(const PieceModel& model, std::string_view text, SentencepieceReply* reply) {
  simile::Buffer<simile::Token> pieces;
  SIMILE_RETURN_IF_ERROR(model.Cut(text, &pieces));
  if (ReplyData(pieces.data(), pieces.size_bytes(), reply)) return Status();
  return simile::OutOfMemory("no room for a text's pieces");
}

}  // namespace

extern "C" EMSCRIPTEN_KEEPALIVE void callSentencepiece(uint32_t method, PieceModel* model,
                                                       const char* data, size_t size_bytes,
                                                       SentencepieceReply* reply) {
  *reply = SentencepieceReply();
  Status status;
  if (method == simile::kLoadPieceModel) status = Load({data, size_bytes}, reply);
  if (method == simile::kCutIntoPieces) status = Cut(*model, {data, size_bytes}, reply);
  if (method == simile::kDeletePieceModel) delete model;
  reply->code = static_cast<uint32_t>(status.code());
  if (!status.ok()) ReplyData(status.message().data(), status.message().size(), reply);
}
