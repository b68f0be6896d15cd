if HAVE_CPPUNIT
endif
