// SPDX-License-Identifier: Apache-2.0
// LoadPieceModel on the sentencepiece library; the one file that includes it. Of the
// library it takes the two models and the normaliser, not SentencePieceProcessor, which
// makes a message of strings for every piece of a text. The library throws, so this
// layer is compiled with exceptions, and none leaves this file.

#include "text/piece_model.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "bpe_model.h"
#include "common.h"
#include "model_interface.h"
#include "normalizer.h"
#include "sentencepiece/char_map.h"
#include "sentencepiece/model_bytes.h"
#include "sentencepiece_model.pb.h"
#include "unigram_model.h"

namespace simile {
namespace {

namespace spm = ::sentencepiece;
using Piece = spm::ModelProto::SentencePiece;

// The library sorts pieces into a trie by one call a byte, and looks for each of them
// at every place of a text: longer ones would overflow the stack and take for ever.
constexpr size_t kMaxPieceBytes = 512;
// What the library's array of matching user-defined pieces holds.
constexpr size_t kMaxNestedPieces = 64;
// The library counts a text's bytes in an int.
constexpr size_t kMaxNormalizedBytes = size_t{1} << 30;

Status Refuse(const std::string& what) { return BadModel("tokenizer.model: " + what); }

// Runs `body`, whose exceptions become a Status.
template <typename Body>
Status Guarded(Body body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return OutOfMemory("no room for the sentencepiece tokenizer's work");
  } catch (const std::exception& error) {
    return Refuse(error.what());
  } catch (...) {
    return InternalError("sentencepiece threw something unknown");
  }
}

Status CheckPieces(const spm::ModelProto& proto) {
  for (int i = 0; i < proto.pieces_size(); ++i) {
    const Piece& piece = proto.pieces(i);
    const std::string& text = piece.piece();
    const std::string name = "piece " + std::to_string(i);
    if (text.empty() || text.size() > kMaxPieceBytes) {
      return Refuse(name + ": expected 1 to " + std::to_string(kMaxPieceBytes) +
                    " bytes, found " + std::to_string(text.size()));
    }
    // In the library's trie a piece would end there, and be another piece's twin.
    if (text.find('\0') != std::string::npos) return Refuse(name + " has a NUL in it");
    if (!std::isfinite(piece.score())) return Refuse(name + ": its score is not finite");
  }
  return Status();
}

// Of the user-defined pieces, no more begin alike than the library has room for.
Status CheckUserDefined(const spm::ModelProto& proto) {
  std::vector<std::string_view> pieces;
  for (const Piece& piece : proto.pieces()) {
    if (piece.type() == Piece::USER_DEFINED) pieces.push_back(piece.piece());
  }
  std::sort(pieces.begin(), pieces.end());
  std::vector<std::string_view> prefixes;  // of the piece at hand, and itself
  for (const std::string_view piece : pieces) {
    while (!prefixes.empty() && !piece.starts_with(prefixes.back())) prefixes.pop_back();
    prefixes.push_back(piece);
    if (prefixes.size() > kMaxNestedPieces) {
      return Refuse("more than " + std::to_string(kMaxNestedPieces) +
                    " user-defined pieces begin alike");
    }
  }
  return Status();
}

class LibraryPieceModel : public PieceModel {
 public:
  // Once. Throws what the library throws.
  Status Load(std::string_view bytes) {
    SIMILE_RETURN_IF_ERROR(CheckModelBytes(bytes));
    if (!proto_.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return Refuse("no sentencepiece model");
    }
    SIMILE_RETURN_IF_ERROR(CheckPieces(proto_));
    SIMILE_RETURN_IF_ERROR(CheckUserDefined(proto_));
    SIMILE_RETURN_IF_ERROR(CheckCharMap(proto_.normalizer_spec().precompiled_charsmap()));
    SIMILE_RETURN_IF_ERROR(MakeModel());
    normalizer_ = std::make_unique<spm::normalizer::Normalizer>(proto_.normalizer_spec(),
                                                                proto_.trainer_spec());
    normalizer_->SetPrefixMatcher(model_->prefix_matcher());
    for (const spm::util::Status& status : {model_->status(), normalizer_->status()}) {
      if (!status.ok()) return Refuse(status.error_message());
    }
    return FindUnknown();
  }

  size_t piece_count() const override { return static_cast<size_t>(proto_.pieces_size()); }
  uint32_t unk_piece() const override { return unk_piece_; }

  Status Cut(std::string_view text, Buffer<Token>* pieces) const override {
    return Guarded([&] { return CutOrThrow(text, pieces); });
  }

 private:
  Status MakeModel() {
    const auto type = proto_.trainer_spec().model_type();
    if (type == spm::TrainerSpec::UNIGRAM) {
      model_ = std::make_unique<spm::unigram::Model>(proto_);
    } else if (type == spm::TrainerSpec::BPE) {
      model_ = std::make_unique<spm::bpe::Model>(proto_);
    } else {
      return Refuse("expected a unigram or BPE model, found model_type " + std::to_string(type));
    }
    return Status();
  }

  Status FindUnknown() {
    for (int i = 0; i < proto_.pieces_size(); ++i) {
      if (model_->IsUnknown(i)) unk_piece_ = static_cast<uint32_t>(i);
    }
    if (!model_->ByteFallbackEnabled()) return Status();
    byte_pieces_.resize(256);
    for (int byte = 0; byte < 256; ++byte) {
      byte_pieces_[byte] = static_cast<uint32_t>(
          model_->PieceToId(spm::ByteToPiece(static_cast<unsigned char>(byte))));
    }
    return Status();
  }

  Status CutOrThrow(std::string_view text, Buffer<Token>* pieces) const {
    std::string normalized;
    std::vector<size_t> to_text;  // for each byte of `normalized`, and its end
    const spm::util::Status status = normalizer_->Normalize(text, &normalized, &to_text);
    if (!status.ok()) return InternalError(std::string("sentencepiece: ") + status.error_message());
    if (normalized.size() > kMaxNormalizedBytes) {
      return InvalidArgument("the text has " + std::to_string(normalized.size()) +
                             " bytes once normalised, more than sentencepiece takes");
    }
    size_t begin = 0;
    bool follows_unknown = false;
    for (const auto& [piece, id] : model_->Encode(normalized)) {
      const size_t end = begin + piece.size();
      const Token token = {static_cast<uint32_t>(id), static_cast<uint32_t>(to_text[begin]),
                           static_cast<uint32_t>(to_text[end])};
      const bool is_unknown = token.id == unk_piece_;
      if (is_unknown && !byte_pieces_.empty()) {
        SIMILE_RETURN_IF_ERROR(AppendBytes(piece, token, pieces));
      } else if (is_unknown && follows_unknown) {
        (*pieces)[pieces->size() - 1].end = token.end;  // a run of them is one
      } else {
        SIMILE_RETURN_IF_ERROR(pieces->Append(token));
      }
      follows_unknown = is_unknown;
      begin = end;
    }
    return Status();
  }

  // A character that no piece has, as its bytes.
  Status AppendBytes(std::string_view character, const Token& token,
                     Buffer<Token>* pieces) const {
    for (const char byte : character) {
      const uint32_t id = byte_pieces_[static_cast<uint8_t>(byte)];
      SIMILE_RETURN_IF_ERROR(pieces->Append({id, token.begin, token.end}));
    }
    return Status();
  }

  spm::ModelProto proto_;  // the model and the normaliser look into it
  std::unique_ptr<spm::ModelInterface> model_;
  std::unique_ptr<spm::normalizer::Normalizer> normalizer_;
  std::vector<uint32_t> byte_pieces_;  // [256], or none
  uint32_t unk_piece_ = 0;
};

}  // namespace

Result<std::unique_ptr<PieceModel>> LoadPieceModel(std::string_view model) {
  std::unique_ptr<LibraryPieceModel> loaded;
  SIMILE_RETURN_IF_ERROR(Guarded([&] {
    spm::logging::SetMinLogLevel(spm::logging::LOG_FATAL);  // a library prints nothing
    loaded = std::make_unique<LibraryPieceModel>();
    return loaded->Load(model);
  }));
  return std::unique_ptr<PieceModel>(std::move(loaded));
}

}  // namespace simile
