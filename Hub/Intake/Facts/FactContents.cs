namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>What a fact holds, field by field: noted as it is written. The values are few by contract, such as states and purposes, and are personal data until they are shown otherwise.</summary>
internal sealed class FactContents
{
    /// <summary>Paths of properties that its schema does not know, the first <see cref="FactPlan.MaxNamed"/>.</summary>
    public List<string> Unplanned { get; } = [];

    /// <summary>Bit by bit, which fields of <see cref="FactPlan.Fields"/> say something.</summary>
    public ulong Present { get; private set; }

    /// <summary>Values of the fields that have few.</summary>
    public List<(string Path, string Value)> Values { get; } = [];

    /// <summary>Notes a field that says something.</summary>
    public void Hold(int field) => Present |= 1UL << field;
}
