namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>backfill</c> of destinations.</summary>
internal static class BackfillSectionParser
{
    private const double SmallestShare = 0.01;

    /// <summary>Reads the section.</summary>
    /// <param name="section">The section, or null when there is none.</param>
    public static BackfillSection Parse(YamlSection? section)
    {
        if (section is null)
        {
            return BackfillSection.Default;
        }

        var rate = section.Text("rate");
        if (RecordRate.Read(rate, out _) is not null)
        {
            section.Fail("rate", $"{section.PathOf("rate")} is no rate.", "Write how many people a second, minute or hour a backfill may write: 50/s, 3000/min or 20000/h; at least 1/min.");
            rate = null;
        }

        var parsed = new BackfillSection(section.Number("share", SmallestShare, 1) ?? BackfillSection.DefaultShare, rate);
        section.RejectUnknownKeys();
        return parsed;
    }
}
