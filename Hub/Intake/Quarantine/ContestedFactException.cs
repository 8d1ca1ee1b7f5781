using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Intake.Quarantine;

/// <summary>Nobody can be told by the keys of a fact that was to be taken in; nothing was changed.</summary>
internal sealed class ContestedFactException(IReadOnlyList<PersonKey> candidates) : Exception("Nobody can be told by the keys of the fact.")
{
    /// <summary>The first keys of those who claim them. Personal data.</summary>
    public IReadOnlyList<PersonKey> Candidates { get; } = candidates;
}
