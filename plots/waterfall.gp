# SPDX-License-Identifier: Apache-2.0
# From one chip's TPOT to another's, a property after the other. Data: block 0: x low high colour label (ms); block 1: lines
# x y dx between bars; block 2: x height text. ARG5 title, ARG6 subtitle, ARG7 bars, ARG8 lowest and highest value of the axis.
kind = ARG1; output_file = ARG2; finding = ARG5; setting = ARG6
load ARG4 . "/style.gp"
bars = int(ARG7)
set xrange [-0.6:bars - 0.4]
set yrange [real(word(ARG8, 1)):real(word(ARG8, 2))]
unset grid
set grid ytics lc rgb "#dddddd" lw 1 dt 3
set ylabel "time per output token  (ms)" textcolor rgb "#222222"
small = text ? "" : "DejaVu Sans,19"
set xtics () font small noenhanced
if (!text) set rmargin at screen 0.97
wide = 0.36
plot ARG3 index 1 using 1:2:3:(0) with vectors nohead lc rgb "#999999" lw 2, \
    ARG3 index 0 using 1:3:($1 - wide):($1 + wide):2:3:4:xtic(5) with boxxyerror fs solid noborder lc rgb variable, \
    ARG3 index 2 using 1:2:3 with labels center offset 0, 0.8 tc rgb "#222222" font "DejaVu Sans,19" noenhanced
