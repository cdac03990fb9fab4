/* side.h - on which side of the head an electrode is, by its name. */
#ifndef DRAW_SIDE_H
#define DRAW_SIDE_H

/* -1 left, 1 right; 0 the middle, or not a name of the 10-20 system. "EEG Fp1-Ref" is Fp1. */
int side_of(const char *name);

#endif
