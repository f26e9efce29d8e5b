# SPDX-License-Identifier: Apache-2.0
# Who is faster, over batch and context. Data: block 0: cells x y colour; block 1: the same cells, of an open order, for the
# hatching; block 2: x y text of a cell; block 3: x label; block 4: y label. ARG5 title, ARG6 subtitle, ARG7 names, ARG8
# columns, rows, 1 when any order is open.
kind = ARG1; output_file = ARG2; finding = ARG5; setting = ARG6
load ARG4 . "/style.gp"
columns = int(word(ARG8, 1)); rows = int(word(ARG8, 2)); open = int(word(ARG8, 3)); names = ARG7
set xrange [-0.5:columns - 0.5]
set yrange [-0.5:rows - 0.5]
unset grid
set border 0
set tics scale 0
set xtics () noenhanced
set ytics () noenhanced
set xlabel "concurrent sequences (batch)" textcolor rgb "#222222"
set ylabel "context  (tokens)" textcolor rgb "#222222"
if (!text) set rmargin at screen 0.80
if (!text) set key at screen 0.815, screen 0.84 left top Left reverse samplen 1.4 spacing 1.5 font "DejaVu Sans,18" noenhanced
half = 0.485
size = columns > 12 ? 13 : columns > 9 ? 16 : 18
if (text) plot ARG3 index 2 using 1:2:5 with labels noenhanced, ARG3 index 3 using 1:(-0.5):xtic(2) with dots, \
    ARG3 index 4 using (-0.5):1:ytic(2) with dots
if (!text) plot ARG3 index 0 using 1:2:($1 - half):($1 + half):($2 - half):($2 + half):3 with boxxyerror fs solid noborder lc rgb variable notitle, \
    ARG3 index 1 using 1:2:($1 - half):($1 + half):($2 - half):($2 + half) with boxxyerror fs transparent pattern 5 noborder lw 2 lc rgb "#FFFFFF" notitle, \
    ARG3 index 3 using 1:(-0.5):xtic(2) with dots lc rgb "#FFFFFF" notitle, \
    ARG3 index 4 using (-0.5):1:ytic(2) with dots lc rgb "#FFFFFF" notitle, \
    ARG3 index 2 using 1:2:3:4 with labels tc rgb variable font sprintf("DejaVu Sans,%d", size) noenhanced notitle, \
    for [i = 1:words(names)] NaN with boxes fs solid noborder lc rgb colour_of(i - 1) title word(names, i) . " faster", \
    for [i = 1:open] NaN with boxes fs pattern 5 noborder lw 2 lc rgb "#777777" title "too close to call", \
    NaN with boxes fs solid noborder lc rgb "#E8E8E8" title "none fits"
