namespace IntegrationHub.Connectors.Abstractions;

/// <summary>A connector whose vendor tells whether its side of an audience is still there and serves.</summary>
public interface IAudienceInspection
{
    /// <summary>Checks that the vendor's side of the audiences is there and takes members; changes nothing.</summary>
    /// <param name="audiences">Audiences as <see cref="IConnector.EnsureAudienceAsync"/> returned them.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>
    /// One finding per audience that does not serve, named by its <see cref="AudienceTarget.RemoteRef"/>, with the code
    /// <see cref="ReasonCode.AudienceGone"/> when it was deleted; empty when all is well.
    /// </returns>
    /// <exception cref="DestinationException">The destination is in trouble.</exception>
    Task<IReadOnlyList<FieldFinding>> InspectAudiencesAsync(IReadOnlyList<AudienceTarget> audiences, CancellationToken cancellationToken);
}
