namespace IntegrationHub.Benchmarks;

/// <summary>What a scenario demands.</summary>
internal static class Require
{
    /// <exception cref="InvalidOperationException">It does not hold.</exception>
    public static void That(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"Not so: {what}");
        }
    }
}
