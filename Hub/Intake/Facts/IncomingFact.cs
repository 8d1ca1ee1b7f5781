namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>A fact as it arrived, unread: the bytes of a message, with or without an envelope. Holds personal data.</summary>
internal sealed record IncomingFact(ReadOnlyMemory<byte> Body);
