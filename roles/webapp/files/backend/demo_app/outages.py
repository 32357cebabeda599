"""Why the database or AWS did not do what they were asked for: one cause for each, with a sentence for the caller.

The causes are the log's field `cause` and the answer's header `X-Error-Cause`. What somebody has to mend is told apart
from what passes by itself; a library's own words, which may hold values, are told to nobody.
"""

from __future__ import annotations

import dataclasses

from boto3.exceptions import Boto3Error, S3UploadFailedError
from botocore.exceptions import (
    ClientError,
    CredentialRetrievalError,
    HTTPClientError,
    MetadataRetrievalError,
    NoCredentialsError,
)
from botocore.exceptions import ConnectionError as AwsConnectionError
from botocore.parsers import ResponseParserError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from .database import error_code
from .secrets import SecretError

_AGAIN = "Try again in a few seconds."
_OPERATOR = "Whoever runs the application has to mend this."


@dataclasses.dataclass(frozen=True)
class Cause:
    name: str
    status: int
    sentence: str


class Unavailable(Exception):
    """Raised by the application itself, with its cause."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.name)
        self.cause = cause


AWS_UNREACHABLE = Cause("aws-unreachable", 503, f"AWS cannot be reached at the moment. {_AGAIN}")
AWS_BUSY = Cause("aws-busy", 503, f"AWS takes no more requests at the moment. {_AGAIN}")
AWS_UNREADABLE = Cause("aws-unreadable", 503, f"AWS gave an answer that cannot be read. {_AGAIN}")
NO_CREDENTIALS = Cause("no-credentials", 503, f"This instance has no credentials for AWS at the moment. {_AGAIN}")
AWS_FORBIDS = Cause("aws-forbids", 503, f"AWS does not allow the application to do this. {_OPERATOR}")
AWS_MISSING = Cause("aws-missing", 503, f"The application's bucket, table or secret is not there in AWS. {_OPERATOR}")
AWS_REFUSES = Cause(
    "aws-refuses", 400, "AWS does not accept this request as it is. Another name or size may be accepted."
)
SECRET_UNUSABLE = Cause("secret-unusable", 503, f"The database's secret in AWS holds no user and password. {_OPERATOR}")

DATABASE_UNREACHABLE = Cause("database-unreachable", 503, f"The database cannot be reached at the moment. {_AGAIN}")
DATABASE_BUSY = Cause("database-busy", 503, f"The database has too much to do at the moment. {_AGAIN}")
DATABASE_READ_ONLY = Cause("database-read-only", 503, f"The database takes no changes at the moment. {_AGAIN}")
DATABASE_FORBIDS = Cause("database-forbids", 503, f"The database does not let the application in. {_OPERATOR}")
DATABASE_SCHEMA = Cause(
    "database-schema", 503, f"The database's tables are not those of this version of the application. {_OPERATOR}"
)
DATABASE_FAILS = Cause("database-fails", 503, f"The database did not do what it was asked for. {_AGAIN}")

# MySQL's numbers.
_DATABASE = {
    DATABASE_UNREACHABLE: {1053, 1077, 1927, 2002, 2003, 2006, 2013, 2014, 3032, 3169},
    DATABASE_BUSY: {1040, 1203, 1205, 1213, 1226, 3024},
    DATABASE_READ_ONLY: {1290, 1792, 1836},
    DATABASE_FORBIDS: {1044, 1045, 1130, 1142, 1143, 1227, 1698, 3118, 3159},
    DATABASE_SCHEMA: {1049, 1054, 1146, 1364, 1366, 1406},
}
_AWS = {
    NO_CREDENTIALS: {"ExpiredToken", "ExpiredTokenException", "RequestExpired"},
    AWS_FORBIDS: {
        *("AccessDenied", "AccessDeniedException", "AllAccessDisabled", "InvalidAccessKeyId", "SignatureDoesNotMatch"),
        *("UnrecognizedClientException", "InvalidClientTokenId", "KMS.AccessDeniedException", "DecryptionFailure"),
    },
    AWS_MISSING: {"NoSuchBucket", "ResourceNotFoundException"},
    AWS_BUSY: {
        *("SlowDown", "Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded"),
        *("TooManyRequestsException", "ProvisionedThroughputExceededException", "RequestThrottled"),
    },
}


def cause(error: Exception) -> Cause | None:
    """What is behind an error of a library; None if it is no outage, but a mistake of the application's."""
    match error:
        case Unavailable():
            return error.cause
        case SecretError():
            return SECRET_UNUSABLE
        case PoolTimeout():
            return DATABASE_BUSY
        case DBAPIError():
            return _of_number(error)
        case SQLAlchemyError():
            return None
        case NoCredentialsError() | CredentialRetrievalError() | MetadataRetrievalError():
            return NO_CREDENTIALS
        case HTTPClientError() | AwsConnectionError():
            return AWS_UNREACHABLE
        case ResponseParserError():
            return AWS_UNREADABLE
        case ClientError():
            return _of_answer(error)
        case S3UploadFailedError() if isinstance(error.__context__, ClientError):
            return _of_answer(error.__context__)
        case Boto3Error():
            return AWS_UNREACHABLE
    return None


def code(error: Exception) -> int | str | None:
    """The number or word that the other side gives, for the log."""
    if isinstance(error, DBAPIError):
        return error_code(error)
    if isinstance(error, S3UploadFailedError) and isinstance(error.__context__, ClientError):
        error = error.__context__
    return str(error.response["Error"].get("Code")) if isinstance(error, ClientError) else None


def _of_number(error: DBAPIError) -> Cause:
    number = error_code(error)
    found = next((known for known, numbers in _DATABASE.items() if number in numbers), None)
    return found or (DATABASE_UNREACHABLE if error.connection_invalidated else DATABASE_FAILS)


def _of_answer(error: ClientError) -> Cause:
    said, status = str(error.response["Error"].get("Code")), error.response["ResponseMetadata"]["HTTPStatusCode"]
    found = next((known for known, codes in _AWS.items() if said in codes), None)
    if found:
        return found
    by_status = {403: AWS_FORBIDS, 404: AWS_MISSING, 429: AWS_BUSY, 503: AWS_BUSY}
    return by_status.get(status, AWS_REFUSES if 400 <= status < 500 else AWS_UNREACHABLE)
