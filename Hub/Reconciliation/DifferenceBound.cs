namespace IntegrationHub.Hub.Reconciliation;

/// <summary>What a sample says of everybody. Pure.</summary>
internal static class DifferenceBound
{
    private const double Z = 1.6448536269514722;

    /// <summary>The share of differences that is not exceeded with a certainty of 95 %, by Wilson's bound; with none in n that is about 2.7 / n, and 3 / n is said.</summary>
    /// <param name="different">People who differ in the sample.</param>
    /// <param name="sampled">People in the sample, 1 or more.</param>
    public static double Upper95(long different, long sampled)
    {
        if (different == 0)
        {
            return Math.Min(1, 3.0 / sampled);
        }

        double n = sampled, share = different / n;
        return Math.Min(1, (share + Z * Z / (2 * n) + Z * Math.Sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))) / (1 + Z * Z / n));
    }
}
