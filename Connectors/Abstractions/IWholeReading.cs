namespace IntegrationHub.Connectors.Abstractions;

/// <summary>A connector that shows all that its vendor lets it read of a person, also fields that nobody asks for by name: what canary people are looked at with.</summary>
public interface IWholeReading
{
    /// <summary>Reads everybody who has a key. Costs as many vendor calls as the account has fields in hundreds: for single people.</summary>
    /// <param name="key">An identity key in the vendor's normal form.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    /// <returns>Empty when nobody has the key; several when several have it.</returns>
    /// <exception cref="DestinationException">The destination is in trouble; the caller asks again later.</exception>
    Task<IReadOnlyList<ShownPerson>> ReadWholeAsync(string key, CancellationToken cancellationToken);
}
