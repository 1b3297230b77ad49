// SPDX-License-Identifier: Apache-2.0
// LoadPieceModel in the module: the sentencepiece part has the library, and JavaScript
// takes the calls there. It has attached the part before a file that needs it goes on
// (docs/border.md).

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "sentencepiece_call.h"
#include "text/piece_model.h"

// JavaScript (sentencepiece_import.js). `data` is copied; the reply's is malloc's.
extern "C" void callSentencepiece(uint32_t method, uint32_t model, const char* data,
                                  size_t size_bytes, simile::SentencepieceReply* reply);

namespace simile {
namespace {

// A reply, which owns its data.
class Reply : public SentencepieceReply {
 public:
  Reply(SentencepieceMethod method, uint32_t model, std::string_view data) {
    callSentencepiece(method, model, data.data(), data.size(), this);
  }
  ~Reply() { std::free(bytes()); }
  Reply(const Reply&) = delete;
  Reply& operator=(const Reply&) = delete;

  char* bytes() const { return reinterpret_cast<char*>(static_cast<uintptr_t>(data)); }
  Status status() const {
    if (code == 0) return Status();
    if (data == 0) return OutOfMemory("no room for the sentencepiece tokenizer's work");
    return Status(static_cast<StatusCode>(code), std::string(bytes(), data_bytes));
  }
};

class BridgedPieceModel : public PieceModel {
 public:
  explicit BridgedPieceModel(const SentencepieceReply& reply)
      : model_(reply.model), piece_count_(reply.piece_count), unk_piece_(reply.unk_piece) {}
  ~BridgedPieceModel() override { Reply(kDeletePieceModel, model_, {}); }

  Status Cut(std::string_view text, Buffer<Token>* pieces) const override {
    const Reply reply(kCutIntoPieces, model_, text);
    SIMILE_RETURN_IF_ERROR(reply.status());
    return pieces->Append(reinterpret_cast<const Token*>(reply.bytes()),
                          reply.data_bytes / sizeof(Token));
  }

  size_t piece_count() const override { return piece_count_; }
  uint32_t unk_piece() const override { return unk_piece_; }

 private:
  uint32_t model_;  // its address in the part's memory
  uint32_t piece_count_;
  uint32_t unk_piece_;
};

}  // namespace

Result<std::unique_ptr<PieceModel>> LoadPieceModel(std::string_view model) {
  const Reply reply(kLoadPieceModel, 0, model);
  SIMILE_RETURN_IF_ERROR(reply.status());
  return std::unique_ptr<PieceModel>(new BridgedPieceModel(reply));
}

}  // namespace simile
