"""Reads pictures with zxing-cpp, one after another, as a test passes them.

In: a line `width height symbols`, then width × height bytes of grey. Out: a line of JSON with the texts that were read and the processor's
seconds of this thread that reading took. `symbols` is the maximum number to search for.
"""

import json
import sys
import time

import numpy
import zxingcpp

pipe = sys.stdin.buffer
while header := pipe.readline():
    width, height, symbols = map(int, header.split())
    grey = numpy.frombuffer(pipe.read(width * height), dtype=numpy.uint8).reshape(height, width)
    started = time.thread_time()
    if symbols == 1:
        found = zxingcpp.read_barcode(grey, formats=zxingcpp.BarcodeFormat.QRCode)
        texts = [found.text] if found else []
    else:
        texts = [code.text for code in zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormat.QRCode)]
    seconds = time.thread_time() - started
    print(json.dumps({"texts": texts, "seconds": seconds}), flush=True)
