/* test_table.c - headers of NumPy files, and lines of tables. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/csv.h"
#include "cli/npy.h"
#include "cli/utf8.h"
#include "help/test.h"

static size_t npy_file(uint8_t bytes[256], uint8_t version, const char *literal)
{
    size_t n = strlen(literal), at = version == 1 ? 10 : 12;

    memcpy(bytes, "\x93NUMPY", 6);
    bytes[6] = version;
    bytes[7] = 0;
    bytes[8] = (uint8_t)n;
    bytes[9] = bytes[10] = bytes[11] = 0;
    memcpy(bytes + at, literal, n);
    return at + n;
}

static void a_numpy_header_is_read_or_refused(void **state)
{
    static const struct {
        const char *literal;
        int status;
        char kind;
        size_t bytes;
        bool is_big_endian, is_fortran;
        size_t n_dimensions;
        uint64_t shape[2];
    } row[] = {
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (19, 1000), }  \n",
         MEF3_OK,
         'f',
         8,
         false,
         false,
         2,
         {19, 1000}},
        {"{'shape':(7,),\"fortran_order\":True,'descr':'>i2'}",
         MEF3_OK,
         'i',
         2,
         true,
         true,
         1,
         {7}},
        {"{'descr': '|u1', 'fortran_order': False, 'shape': (0, 3)}",
         MEF3_OK,
         'u',
         1,
         false,
         false,
         2,
         {0, 3}},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': ()}", .status = MEF3_EUNSUPPORTED},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (1,2,3)}", .status = MEF3_EUNSUPPORTED},
        {"{'descr': '<f2', 'fortran_order': False, 'shape': (1,)}", .status = MEF3_EUNSUPPORTED},
        {"{'descr': '<c8', 'fortran_order': False, 'shape': (1,)}", .status = MEF3_EUNSUPPORTED},
        {"{'descr': '<f', 'fortran_order': False, 'shape': (1,)}", .status = MEF3_EUNSUPPORTED},
        {"{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", .status = MEF3_EUNSUPPORTED},
        {"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,)}",
         .status = MEF3_EUNSUPPORTED},
        {"{'descr': '<f8', 'fortran_order': False}", .status = MEF3_EFORMAT},
        {"{'descr': '<f8', 'shape': (1,)}", .status = MEF3_EFORMAT},
        {"{'descr': '<f8', 'fortran_order': Maybe, 'shape': (1,)}", .status = MEF3_EFORMAT},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (-1,)}", .status = MEF3_EFORMAT},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}",
         .status = MEF3_EFORMAT},
        {"{'descr': '<f8', 'fortran_order': False, 'shape': (1", .status = MEF3_EFORMAT},
        {"{'descr': '<f8", .status = MEF3_EFORMAT},
        {"{'descr': '<f8' 'fortran_order': False, 'shape': (1,)}", .status = MEF3_EFORMAT},
        {"{'more': 1, 'descr': '<f8', 'fortran_order': False, 'shape': (1,)}",
         .status = MEF3_EFORMAT},
        {"", .status = MEF3_EFORMAT},
    };
    uint8_t bytes[256];
    struct mef3_error error;
    struct npy npy;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        for (uint8_t version = 1; version <= 3; version++) {
            size_t n = npy_file(bytes, version, row[i].literal);
            int status = npy_parse(bytes, n < 12 ? 12 : n, &npy, &error);
            assert_row_int(status, row[i].status, row[i].literal);
            if (status != MEF3_OK)
                continue;
            assert_row_int(npy.kind, row[i].kind, row[i].literal);
            assert_row_int(npy.bytes, row[i].bytes, row[i].literal);
            assert_row_int(npy.is_big_endian, row[i].is_big_endian, row[i].literal);
            assert_row_int(npy.is_fortran, row[i].is_fortran, row[i].literal);
            assert_row_int(npy.n_dimensions, row[i].n_dimensions, row[i].literal);
            assert_row_int(npy.shape[0], row[i].shape[0], row[i].literal);
            assert_row_int(npy.data_at, n, row[i].literal);
            for (size_t less = 0; less < n; less++)
                assert_row(npy_parse(bytes, less, &npy, &error) != MEF3_OK, row[i].literal);
        }
    }
    size_t n = npy_file(bytes, 4, row[0].literal);
    assert_int_equal(npy_parse(bytes, n, &npy, &error), MEF3_EUNSUPPORTED);
    n = npy_file(bytes, 2, row[0].literal);
    bytes[11] = 0xFF;
    assert_int_equal(npy_parse(bytes, n, &npy, &error), MEF3_ETRUNCATED);
}

static void numbers_of_each_kind_have_their_value(void **state)
{
    static const struct {
        struct npy npy;
        uint8_t bytes[8];
        double value;
    } row[] = {
        {{.kind = 'i', .bytes = 1}, {0xFF}, -1},
        {{.kind = 'u', .bytes = 1}, {0xFF}, 255},
        {{.kind = 'i', .bytes = 2}, {0x00, 0x80}, -32768},
        {{.kind = 'i', .bytes = 2, .is_big_endian = true}, {0x80, 0x00}, -32768},
        {{.kind = 'u', .bytes = 4}, {0xFE, 0xFF, 0xFF, 0xFF}, 4294967294.0},
        {{.kind = 'i', .bytes = 4}, {0xFE, 0xFF, 0xFF, 0xFF}, -2},
        {{.kind = 'i', .bytes = 8}, {0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, -2},
        {{.kind = 'f', .bytes = 4}, {0x00, 0x00, 0xC0, 0xBF}, -1.5},
        {{.kind = 'f', .bytes = 8, .is_big_endian = true}, {0xBF, 0xF8}, -1.5},
    };
    double value;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        npy_values(&row[i].npy, row[i].bytes, 1, &value);
        assert_true(value == row[i].value);
    }
}

static void a_line_is_cut_into_cells(void **state)
{
    static const struct {
        const char *line;
        size_t n;
        const char *cells[4];
    } row[] = {
        {"", 1, {""}},
        {"a,b,c", 3, {"a", "b", "c"}},
        {" a , b ", 2, {"a", "b"}},
        {",,", 3, {"", "", ""}},
        {"\"a, b\",c", 2, {"a, b", "c"}},
        {"\"a \"\"b\"\"\",c", 2, {"a \"b\"", "c"}},
        {"\"\",x", 2, {"", "x"}},
        {"\"a\" x,b", 2, {"a", "b"}},
        {"a\tb c\td", 3, {"a", "b c", "d"}},
        {"a;b;1.5", 3, {"a", "b", "1.5"}},
        {"\"a;b\";c", 2, {"a;b", "c"}},
        {"a b", 1, {"a b"}},
    };
    struct csv_cells cells = {0};
    char line[64];

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        snprintf(line, sizeof line, "%s", row[i].line);
        assert_row_int(csv_split(line, csv_separator(line), &cells), CSV_FINE, row[i].line);
        assert_row_int(cells.n, row[i].n, row[i].line);
        for (size_t c = 0; c < cells.n; c++)
            assert_row(strcmp(cells.at[c], row[i].cells[c]) == 0, row[i].line);
    }
    snprintf(line, sizeof line, "a,\"b\"\"");
    assert_int_equal(csv_split(line, ',', &cells), CSV_OPEN_QUOTE);
    csv_fini(&cells);
}

static void a_cell_is_a_number_or_none(void **state)
{
    static const struct {
        const char *cell;
        bool is_number;
        double value;
    } row[] = {
        {"1", true, 1},
        {"-1.5e3", true, -1500},
        {"+.5", true, 0.5},
        {"", true, (double)NAN},
        {"nan", true, (double)NAN},
        {"NaN", true, (double)NAN},
        {"-inf", true, -(double)INFINITY},
        {"0x10", false, 0},
        {"nan(1)", false, 0},
        {"infinity", false, 0},
        {"1,5", false, 0},
        {"1 2", false, 0},
        {"e", false, 0},
        {"1e999", false, 0},
        {"--1", false, 0},
        {"x", false, 0},
    };
    double value;

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        assert_row_int(csv_number(row[i].cell, &value), row[i].is_number, row[i].cell);
        if (row[i].is_number)
            assert_row(value == row[i].value || (isnan(value) && isnan(row[i].value)), row[i].cell);
    }
}

static void a_text_is_utf8_or_becomes_it(void **state)
{
    static const struct {
        const char *bytes;
        const char *text;
    } row[] = {
        {"plain", "plain"},
        {"\xC3\xA4", "\xC3\xA4"},
        {"\xE4", "\xC3\xA4"},
        {"\xC3\xA4\xE4", "\xC3\x83\xC2\xA4\xC3\xA4"},
        {"\xED\xA0\x80", "\xC3\xAD\xC2\xA0\xC2\x80"},
        {"\xF4\x90\x80\x80", "\xC3\xB4\xC2\x90\xC2\x80\xC2\x80"},
        {"\xC0\x80", "\xC3\x80\xC2\x80"},
        {"\xF0\x9F\xA7\xA0", "\xF0\x9F\xA7\xA0"},
        {"\xE2\x82", "\xC3\xA2\xC2\x82"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char *text = utf8_new(row[i].bytes, strlen(row[i].bytes));
        assert_non_null(text);
        assert_row(strcmp(text, row[i].text) == 0, row[i].bytes);
        assert_row(utf8_is_valid(text, strlen(text)), row[i].bytes);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_numpy_header_is_read_or_refused),
        cmocka_unit_test(numbers_of_each_kind_have_their_value),
        cmocka_unit_test(a_line_is_cut_into_cells),
        cmocka_unit_test(a_cell_is_a_number_or_none),
        cmocka_unit_test(a_text_is_utf8_or_becomes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
