// SPDX-License-Identifier: GPL-2.0-or-later
// The stage of TextPlayer: Poppler's fonts and colours tell what its text is, and Poppler's interpreter, which takes
// long to get ready and to read what it is to draw, is called for the rest only.
#include <Gfx.h>
#include <PDFDoc.h>
#include <Page.h>

#include <algorithm>
#include <utility>

#include "pdf/poppler.h"
#include "pdf/poppler_device.h"
#include "pdf/poppler_font.h"

namespace postern {

namespace {

constexpr size_t kMostColours = 1000;  // that are remembered

// Which device colours those of a space are: g, r or k, or 0 if it is not so simple.
char device_of(const std::string& name, const Object& spaces) {
  if (spaces.isDict()) {
    for (const char* key : {"DefaultGray", "DefaultRGB", "DefaultCMYK"}) {
      if (spaces.getDict()->hasKey(key)) return '\0';
    }
  }
  const Object space = spaces.isDict() ? spaces.dictLookup(name.c_str()) : Object(objNull);
  if (space.isNull()) return name == "DeviceGray" ? 'g' : name == "DeviceRGB" ? 'r' : name == "DeviceCMYK" ? 'k' : '\0';
  if (!space.isArray() || space.arrayGetLength() < 2 || !space.arrayGet(0).isName("ICCBased")) return '\0';
  const Object profile = space.arrayGet(1);
  if (!profile.isStream()) return '\0';
  const Dict& entries = *profile.getStream()->getDict();
  const Object number = entries.lookup("N"), alternate = entries.lookup("Alternate");
  const int components = number.isInt() ? number.getInt() : 0;
  if (components == 1 && (alternate.isNull() || alternate.isName("DeviceGray"))) return 'g';
  return components == 3 && (alternate.isNull() || alternate.isName("DeviceRGB")) ? 'r' : '\0';
}

}  // namespace

class PageWalker::Stage final : public PlayerStage {
 public:
  Stage(PageWalker& walker, Page* page, const Plan& plan)
      : walker_(walker), page_(page), plan_(plan), resources_(page->getResourceDict()),
        page_fonts_(resources_ != nullptr ? walker.shelf_.fetch(resources_->lookupNF("Font")) : Object(objNull)) {}
  ~Stage() override {
    if (entered_) walker_.leave();
  }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  bool has_font(std::string_view name) override { return !named(name).isNull(); }
  const TextFont* font(std::string_view name) override;
  void shows(const TextFont& font) override { walker_.device_->visitor().font(font.object()); }
  bool faint(const Fill& fill) override;
  double opacity(std::string_view state, double now) override;
  void character(Point from, Point to, double size, Ink ink, const Glyph& glyph) override {
    walker_.device_->character(from, to, size, ink, glyph.unicode, glyph.count);
  }
  void draw(std::string_view object, const PlayerState& state) override;
  void fault() override { ++syntax_errors(); }
  bool stop() override { return walker_.device_->stop(); }

 private:
  struct Seen {
    bool faint = false;
    uint64_t errors = 0;
  };
  const Object& named(std::string_view font) const {
    static const Object kNone(objNull);
    return page_fonts_.isDict() ? page_fonts_.dictLookupNF(std::string(font).c_str()) : kNone;
  }
  const TextFont* find_font(std::string_view name);
  bool in_device_colours(const Fill& fill, GfxGray& grey);
  Seen interpreted(const std::string& colour);
  void enter();
  void display(const std::string& content);

  PageWalker& walker_;
  Page* const page_;
  const Plan& plan_;
  const Dict* const resources_;
  const Object page_fonts_;
  bool entered_ = false;
  std::map<std::string, const TextFont*, std::less<>> chosen_;  // fonts, by their names
  std::map<std::string, char, std::less<>> devices_;      // of colour spaces, by their names
  std::map<std::string, double, std::less<>> opacities_;  // of graphics states; negative: they do not tell
  std::map<std::string, Seen> colours_;                   // by the operators that choose them
};

const TextFont* PageWalker::Stage::font(std::string_view name) {
  if (!has_font(name)) return nullptr;  // of such names a page may have any number
  const auto known = chosen_.find(name);
  return known != chosen_.end() ? known->second : chosen_.emplace(name, find_font(name)).first->second;
}

// To tell a font that stands in the page from others takes reading it.
const TextFont* PageWalker::Stage::find_font(std::string_view name) {
  const Object& named_font = named(name);
  const std::optional<int> identity = font_identity(named_font);
  if (!identity) return nullptr;
  const auto [place, is_new] = walker_.fonts_.try_emplace(*identity);
  if (!is_new) return place->second.get();
  XRef* const objects = walker_.document_.getXRef();
  const Object dictionary = named_font.fetch(objects);
  if (!dictionary.isDict()) {
    fault();
    return nullptr;
  }
  const Ref ref = named_font.isRef() ? named_font.getRef() : Ref{*identity, 0};
  auto font = std::make_unique<PopplerFont>(objects, ref, dictionary);
  if (font->is_ok()) place->second = std::move(font);
  return place->second.get();
}

double PageWalker::Stage::opacity(std::string_view state, double now) {
  auto known = opacities_.find(state);
  if (known == opacities_.end()) {
    const Object states = walker_.shelf_.fetch(resources_->lookupNF("ExtGState"));
    const Object value = states.isDict() ? walker_.shelf_.fetch(states.dictLookupNF(std::string(state).c_str()))
                                         : Object(objNull);
    const Object opacity = value.isDict() ? value.dictLookup("ca") : Object(objNull);
    known = opacities_.emplace(state, opacity.isNum() ? std::clamp(opacity.getNum(), 0.0, 1.0) : -1).first;
  }
  return known->second < 0 ? now : known->second;
}

bool PageWalker::Stage::in_device_colours(const Fill& fill, GfxGray& grey) {
  auto known = devices_.find(fill.space_name);
  if (known == devices_.end()) {
    const std::string name = fill.space_name.empty() ? "DeviceGray" : std::string(fill.space_name);
    known = devices_.emplace(fill.space_name, device_of(name, resources_->lookup("ColorSpace"))).first;
  }
  // An operator that chooses its own space does so unless the page says what else is meant by it.
  if (known->second == '\0' || fill.device == '\0' || (fill.device == 's' && fill.space_name.empty())) return false;
  const char device = fill.device == 's' ? known->second : fill.device;
  if (fill.count != (device == 'g' ? 1U : device == 'r' ? 3U : 4U)) return false;
  GfxColor colour{};
  for (size_t i = 0; i < fill.count; ++i) colour.c[i] = dblToCol(fill.values[i]);
  if (device == 'g') GfxDeviceGrayColorSpace().getGray(&colour, &grey);
  if (device == 'r') GfxDeviceRGBColorSpace().getGray(&colour, &grey);
  if (device == 'k') GfxDeviceCMYKColorSpace().getGray(&colour, &grey);
  return true;
}

bool PageWalker::Stage::faint(const Fill& fill) {
  if (fill.space.empty() && fill.colour.empty()) return false;
  GfxGray grey = 0;
  if (in_device_colours(fill, grey)) return is_faint(grey);
  std::string colour(fill.space);
  colour.append(" ").append(fill.colour);
  const auto known = colours_.find(colour);
  if (known == colours_.end()) {
    if (colours_.size() >= kMostColours) colours_.clear();
    return (colours_[colour] = interpreted(colour)).faint;
  }
  syntax_errors() += known->second.errors;  // as if it were read again
  return known->second.faint;
}

PageWalker::Stage::Seen PageWalker::Stage::interpreted(const std::string& colour) {
  enter();
  const uint64_t before = syntax_errors();
  Gfx& interpreter = *walker_.interpreter_;
  interpreter.saveState();
  display(colour);
  GfxGray grey = 0;
  GfxState* const state = interpreter.getState();
  if (state->getFillColorSpace()->getMode() != csPattern) state->getFillGray(&grey);
  interpreter.restoreState();
  return {is_faint(grey), syntax_errors() - before};
}

void PageWalker::Stage::enter() {
  if (!entered_) walker_.enter(page_, plan_.fonts);
  entered_ = true;
}

void PageWalker::Stage::display(const std::string& content) {
  Object stream(static_cast<Stream*>(
      new MemStream(content.data(), 0, static_cast<Goffset>(content.size()), Object(objNull))));
  walker_.interpreter_->display(&stream);
}

// A form goes on with the colours and the font of the page.
void PageWalker::Stage::draw(std::string_view object, const PlayerState& state) {
  enter();
  Gfx& interpreter = *walker_.interpreter_;
  interpreter.saveState();
  GfxState* const into = interpreter.getState();
  const Matrix6& m = state.page;
  into->setCTM(m[0], m[1], m[2], m[3], m[4], m[5]);
  into->setFillOpacity(state.opacity);
  into->setCharSpace(state.character_space);
  into->setWordSpace(state.word_space);
  into->setHorizScaling(state.scale * 100);
  into->setLeading(state.leading);
  into->setRise(state.rise);
  into->setRender(state.render);
  if (state.font != nullptr) into->setFont(static_cast<const PopplerFont*>(state.font)->font(), state.size);
  std::string content(state.fill.space);
  content.append(" ").append(state.fill.colour).append("\n/").append(object).append(" Do");
  display(content);
  interpreter.restoreState();
}

void PageWalker::play(Page* page, const Plan& plan, PageVisitor& visitor) {
  device_->begin(visitor);
  const PageFrame frame = frame_of(page);
  const PDFRectangle box(frame.box[0], frame.box[1], frame.box[2], frame.box[3]);
  const GfxState first(72, 72, &box, frame.rotation, device_->upsideDown());
  Matrix6 matrix{};
  std::copy_n(first.getCTM(), matrix.size(), matrix.begin());
  Stage stage(*this, page, plan);
  TextPlayer(plan.content, matrix, stage).play();
}

}  // namespace postern
