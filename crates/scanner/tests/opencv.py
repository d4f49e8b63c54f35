"""Reads each picture with OpenCV and prints one line for it: the text from the first detector that reads anything.

OpenCV has two detectors of QR symbols; the second finds the corners in the same way as its ArUco module.
"""

import sys

import cv2

DETECTORS = [cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco()]

for path in sys.argv[1:]:
    picture = cv2.imread(path, cv2.IMREAD_GRAYSCALE)
    texts = (detector.detectAndDecode(picture)[0] for detector in DETECTORS)
    print(next((text for text in texts if text), ""))
