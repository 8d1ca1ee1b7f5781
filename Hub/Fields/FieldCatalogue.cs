using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Fields;

namespace IntegrationHub.Hub.Fields;

/// <summary>Reads which fields vendors have, and keeps what changed.</summary>
internal sealed class FieldCatalogue(OutboxTransaction transactions, TimeProvider time)
{
    /// <summary>Reads the fields of a destination and keeps what is otherwise than it was known.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="connector">Its connector, behind the gate of whoever asks.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>What was found; null when the vendor does not tell its fields, or tells none.</returns>
    /// <exception cref="DestinationException">The vendor could not be asked; what is known stays.</exception>
    public async Task<FieldNews?> ReadAsync(Destination destination, IConnector connector, CancellationToken cancellationToken)
    {
        if (connector is not IFieldListing listing || await listing.ListFieldsAsync(cancellationToken) is not { Count: > 0 } fields)
        {
            return null;
        }

        var shapes = fields.DistinctBy(field => field.Name, StringComparer.Ordinal).ToDictionary(field => field.Name, ShapeOf, StringComparer.Ordinal);
        return await transactions.RunAsync((db, _) => FieldVersions.NoteAsync(db, destination.Name, shapes, time.GetUtcNow(), cancellationToken), cancellationToken);
    }

    private static FieldShape ShapeOf(VendorField field) => new(field.IsArchived ? FieldState.Archived : FieldState.There, field.Type, field.Length, field.IsReadOnly);
}
