namespace IntegrationHub.Connectors.Abstractions;

/// <summary>A connector whose vendor tells whether its side of an audience is still there.</summary>
public interface IAudienceInspection
{
    /// <summary>Looks the vendor's side of every audience up; changes nothing.</summary>
    /// <param name="audiences">The audiences as <see cref="IConnector.EnsureAudienceAsync"/> returned them.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>One finding per audience that is gone, with the hub's key of the audience as its name and <see cref="ReasonCode.AudienceGone"/>; empty when all are there.</returns>
    /// <exception cref="DestinationException">The destination is in trouble.</exception>
    Task<IReadOnlyList<FieldFinding>> InspectAudiencesAsync(IReadOnlyList<AudienceTarget> audiences, CancellationToken cancellationToken);
}
