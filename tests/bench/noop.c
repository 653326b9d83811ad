/* The start-up floor: a process that does nothing. */
int main(void)
{
	return 0;
}
