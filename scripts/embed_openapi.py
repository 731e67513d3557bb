#!/usr/bin/env python3
"""Writes a C++ file that holds a YAML document as JSON: embed_openapi.py INPUT.yaml OUTPUT.cpp

Called by the build of src/api. The text comes in pieces, because compilers limit one literal.
"""
import json
import pathlib
import sys

import yaml

PIECE = 15000
HEADER = """// Made by scripts/embed_openapi.py. Do not edit.
#include "api/openapi.h"

namespace herder::api {

const std::string& openapi_document() {
    static const std::string text = [] {
        std::string all;
"""
FOOTER = """        return all;
    }();
    return text;
}

}  // namespace herder::api
"""


def literal(piece):
    return '"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"'


def source(document):
    # ASCII on one line: json escapes all else, so nothing but quotes and backslashes needs care here.
    text = json.dumps(document, separators=(",", ":"))
    pieces = [text[i:i + PIECE] for i in range(0, len(text), PIECE)]
    return HEADER + "".join(f"        all += {literal(piece)};\n" for piece in pieces) + FOOTER


if __name__ == "__main__":
    _, read_from, write_to = sys.argv
    pathlib.Path(write_to).write_text(source(yaml.safe_load(pathlib.Path(read_from).read_text())))
