namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>reconcile</c> of audiences and destinations.</summary>
internal static class ReconcileSectionParser
{
    private const int LargestSample = 1_000_000;
    private const double SmallestShare = 0.000001;

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

        var parsed = new ReconcileSection(
            section.Choice<Healing>("heal"), section.Choice<FieldReading>("fields"), (int?)sample, ofDestination ? section.Number("read_back_share", SmallestShare, 1) : null);
        section.RejectUnknownKeys();
        return parsed;
    }
}
