/* SPDX-License-Identifier: Apache-2.0 */
/* The main function of the programs that link one layer and what it may use (tests/CMakeLists.txt). */
int main(void)
{
    return 0;
}
