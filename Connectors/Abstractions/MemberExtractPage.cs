namespace IntegrationHub.Connectors.Abstractions;

/// <summary>A step on the way to all members of an audience, as <see cref="IMemberExtract"/> takes it.</summary>
/// <param name="Members">The members that the step read, perhaps none.</param>
/// <param name="Profiles">
/// The same people with the fields that were asked for; empty when none was. Values are as the file spells them, as JSON text: a file may not tell a text from an empty field, so what looks
/// different here need not be.
/// </param>
/// <param name="Next">Where the next step begins; null when everything was read.</param>
public sealed record MemberExtractPage(IReadOnlyList<RemoteMember> Members, IReadOnlyList<RemoteProfile> Profiles, string? Next)
{
    /// <summary>How long to wait before the next step, while the vendor works; null to go on at once.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>Bytes of the file that the vendor counts, told with the step that learned it; else 0.</summary>
    public long Bytes { get; init; }
}
