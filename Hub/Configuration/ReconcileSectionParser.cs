namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>reconcile</c> of audiences and destinations.</summary>
internal static class ReconcileSectionParser
{
    private const int LargestSample = 1_000_000;
    private const double SmallestShare = 0.000001;
    private const double SmallestBound = 0.00001;
    private const double LargestBound = 0.5;

    /// <summary>None of so many people differing says with 95 % confidence that fewer than the bound differ: the rule of three.</summary>
    private const double Confident = 3;

    /// <summary>How many people of whom none differs say, with 95 % confidence, that fewer than a share of all differ.</summary>
    public static int SampleFor(double fewerThan) => (int)Math.Ceiling(Confident / fewerThan);

    /// <summary>Reads the section.</summary>
    /// <param name="section">The section, or null when there is none.</param>
    /// <param name="ofDestination">True where the share of the day's calls may stand.</param>
    public static ReconcileSection Parse(YamlSection? section, bool ofDestination = false)
    {
        if (section is null)
        {
            return ReconcileSection.Default;
        }

        var sample = section.Number("sample", 1, LargestSample);
        if (sample is { } people && people != Math.Floor(people))
        {
            section.Fail("sample", $"{section.PathOf("sample")} is no whole number.", "Write how many people are read, such as 400.");
        }

        var fewer = section.Number("fewer_than", SmallestBound, LargestBound);
        if (fewer is not null && sample is not null)
        {
            section.Fail("fewer_than", $"{section.PathOf("fewer_than")} stands beside sample: each says how many people are read.", "Write one of the two.");
        }

        var fields = section.Choice<FieldReading>("fields");
        if (fields == FieldReading.Whole && (fewer is not null || sample is not null))
        {
            section.Fail("fields", $"{section.PathOf("fields")} is whole, so that a sample is not read.", $"Write fields: sample, or leave {(sample is null ? "fewer_than" : "sample")} out.");
        }

        var parsed = new ReconcileSection(
            section.Choice<Healing>("heal"), fields, fewer is { } bound ? SampleFor(bound) : (int?)sample, ofDestination ? section.Number("read_back_share", SmallestShare, 1) : null);
        section.RejectUnknownKeys();
        return parsed;
    }
}
