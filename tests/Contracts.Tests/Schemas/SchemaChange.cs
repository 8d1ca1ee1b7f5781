namespace Contracts.Tests.Schemas;

/// <summary>How one place of a schema differs from what was released, and what that does to those who use it.</summary>
/// <param name="Path">The place in a fact, for example <c>payload.status</c>; empty for the fact as a whole.</param>
/// <param name="Rule">The rule that judged it.</param>
/// <param name="Backward">True when the new schema reads what was written by the old one.</param>
/// <param name="Forward">True when a reader of the old schema, who leaves out what he does not know, reads what is written by the new one.</param>
/// <param name="NeedsVersion">True when it may not happen within a version.</param>
/// <param name="Why">What happens otherwise; completes a sentence.</param>
internal sealed record SchemaChange(string Path, string Rule, bool Backward, bool Forward, bool NeedsVersion, string Why)
{
    /// <summary>Tells whoever made the change what to do.</summary>
    /// <param name="type">Event type.</param>
    /// <param name="version">The released version.</param>
    public string Advice(string type, int version) =>
        $"{type} v{version}, {(Path.Length == 0 ? "the fact" : Path)}: {Rule}: {Why}. Take the change back, or keep v{version} as it was released and put it into Schemas/{type}.v{version + 1}.json, with an upcaster from v{version} in Hub/Intake/Facts/Upcasters.cs.";
}
