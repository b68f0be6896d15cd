noinst_LIBRARIES += milter/pdf/libpostern_pdf.a
milter_pdf_libpostern_pdf_a_SOURCES =
