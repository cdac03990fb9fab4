/* text.c - text, in a font that is a part of the module: no file is opened for it. */
#include <cairo-ft.h>
#include <ft2build.h>
#include FT_FREETYPE_H

#include <math.h>

#include "canvas.h"
#include "facts/text.h"

static const unsigned char FONT[] = {
#include "font.inc"
};

/* Made once, and kept: cairo has glyphs of it as long as the process lives. */
static FT_Face face;

cairo_font_face_t *text_font(void)
{
    static FT_Library library;
    static cairo_font_face_t *font;

    if (font)
        return font;
    if (!library && FT_Init_FreeType(&library) != 0)
        return NULL;
    if (!face && FT_New_Memory_Face(library, FONT, sizeof FONT, 0, &face) != 0)
        return NULL;
    cairo_font_face_t *made = cairo_ft_font_face_create_for_ft_face(face, FT_LOAD_NO_HINTING);
    if (cairo_font_face_status(made) != CAIRO_STATUS_SUCCESS)
        return NULL;
    font = made;
    return font;
}

/* Characters of a terminal's or of no meaning are shown as what they are not. */
static uint32_t shown(uint32_t character)
{
    return character < 0x20 || (character >= 0x7F && character < 0xA0) ? 0xFFFD : character;
}

static double advance(cairo_scaled_font_t *font, const cairo_glyph_t *glyph)
{
    cairo_text_extents_t extents;

    cairo_scaled_font_glyph_extents(font, glyph, 1, &extents);
    return extents.x_advance;
}

static cairo_scaled_font_t *use_font(const struct canvas *canvas, double size)
{
    cairo_set_font_face(canvas->to, canvas->font);
    cairo_set_font_size(canvas->to, size);
    return cairo_get_scaled_font(canvas->to);
}

/* Glyphs of the text, up to `most` of them. The width is that of all that fit in `room`. */
enum { MOST_GLYPHS = 512 };

static int shape(const struct canvas *canvas, double size, double room, const char *text,
                 cairo_glyph_t *glyphs, double *width_out)
{
    cairo_scaled_font_t *font = use_font(canvas, size);
    cairo_glyph_t more = {.index = FT_Get_Char_Index(face, 0x2026)};
    double width = 0, more_width = advance(font, &more), fits = 0;
    int n = 0, n_fits = 0;
    uint32_t character;

    while (*text && n < MOST_GLYPHS - 1) {
        size_t length = text_decode(text, &character);
        glyphs[n] = (cairo_glyph_t){FT_Get_Char_Index(face, length > 0 ? shown(character) : 0xFFFD),
                                    width, 0};
        text += length > 0 ? length : 1;
        width += advance(font, &glyphs[n++]);
        if (width + more_width <= room) {
            n_fits = n;
            fits = width;
        }
        if (width > room)
            break;
    }
    if (width > room || *text) {
        more.x = fits;
        n = n_fits;
        glyphs[n++] = more;
        width = fits + more_width;
    }
    *width_out = width;
    return n;
}

double text_width(const struct canvas *canvas, double size, const char *text)
{
    cairo_glyph_t glyphs[MOST_GLYPHS];
    double width;

    shape(canvas, size, HUGE_VAL, text, glyphs, &width);
    return width;
}

void text_paint(const struct canvas *canvas, double x, double y, double size, double room,
                const char *text)
{
    cairo_glyph_t glyphs[MOST_GLYPHS];
    double width;
    int n = shape(canvas, size, room, text, glyphs, &width);

    for (int i = 0; i < n; i++) {
        glyphs[i].x += x;
        glyphs[i].y = y;
    }
    cairo_show_glyphs(canvas->to, glyphs, n);
}
